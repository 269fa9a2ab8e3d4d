extension StagedRange {
  /// Whether the file is there and long enough.
  func checkLength(in storage: any Storage) throws(CheckpointDamage) {
    let size = try storage.checkedSize(of: file)
    guard size >= to else {
      throw CheckpointDamage(storage.path(file), "it has \(size) bytes, not the \(to) staged ones")
    }
  }

  /// Reads the bytes, all of them once to check them before any is handed on.
  ///
  /// - Throws: `CheckpointDamage`, or what `body` throws.
  package func read(from storage: any Storage, _ body: (Span<UInt8>) throws -> Void) throws {
    try verify(in: storage)
    var offset = from
    while offset < to {
      let bytes = try part(of: storage, at: offset)
      try body(bytes.span)
      offset += bytes.count
    }
  }

  /// Reads the bytes only to check them.
  package func verify(in storage: any Storage) throws(CheckpointDamage) {
    try checkLength(in: storage)
    var sum = Checksum()
    var offset = from
    while offset < to {
      let bytes = try part(of: storage, at: offset)
      sum.add(bytes.span)
      offset += bytes.count
    }
    guard sum.value == checksum else {
      throw CheckpointDamage(
        storage.path(file),
        at: from,
        "the checksum of the \(to - from) bytes from here does not match"
      )
    }
  }

  private func part(of storage: any Storage, at offset: Int) throws(CheckpointDamage) -> [UInt8] {
    try storage.checkedRead(file, at: offset, count: min(to - offset, 1 << 20))
  }
}
