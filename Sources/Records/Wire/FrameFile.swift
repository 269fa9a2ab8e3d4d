extension Frame {
  /// Hands on the batches of frames that stand one behind the other, as in a file.
  ///
  /// - Parameters:
  ///   - read: gives so many bytes, or fewer where there are no more.
  package static func forEachBatch(
    of schema: Schema,
    read: (_ count: Int) throws -> [UInt8],
    _ take: (RecordBatch) throws -> Void
  ) throws {
    while true {
      let header = try read(FrameHeader.size)
      guard !header.isEmpty else { return }
      let bytes = header + (try read(try FrameHeader.bodyLength(header.span)))
      if let batch = try Frame(decoding: FrameStorage(copying: bytes.span), schema: schema).batch { try take(batch) }
    }
  }
}
