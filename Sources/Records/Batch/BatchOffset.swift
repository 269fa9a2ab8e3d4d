extension RecordBatch {
  /// A copy whose rows have greater tags in their positions, by `offset`.
  package func advancingTags(by offset: UInt64) -> RecordBatch {
    var copy = self
    copy.storage = FrameStorage(copying: storage.bytes)
    let tags = FrameHeader.size + schema.fields.count * Self.directoryEntry + rowCount * 8
    for row in 0..<rowCount {
      let place = tags + row * 8
      copy.storage.store(storage.load(UInt64.self, at: place) &+ offset, at: place)
    }
    return copy
  }
}
