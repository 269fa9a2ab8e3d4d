internal import Dataflow

/// A state file that is read, its index checked.
struct StateFile {
  let saved: SavedFile
  let entries: [StateFileLayout.Entry]
  private let storage: any Storage

  /// Blocks that lie this close are read in one go, and this much at a time.
  fileprivate static let gap = 1 << 16
  fileprivate static let readSize = 1 << 22

  /// Opens the file that `saved` describes, and no other.
  init(_ storage: any Storage, _ saved: SavedFile) throws(CheckpointDamage) {
    self.storage = storage
    self.saved = saved
    entries = try Self.index(storage, saved)
  }

  private static func index(
    _ storage: any Storage,
    _ saved: SavedFile
  ) throws(CheckpointDamage) -> [StateFileLayout.Entry] {
    let path = storage.path(saved.name)
    let size = try storage.checkedSize(of: saved.name)
    guard size == saved.bytes else { throw CheckpointDamage(path, "it has \(size) bytes, not \(saved.bytes)") }
    let trailerStart = size - StateFileLayout.trailerSize
    guard trailerStart >= StateFileLayout.headerSize else {
      throw CheckpointDamage(path, "its \(size) bytes have no room for a header and a trailer")
    }
    let header = try storage.checkedRead(saved.name, at: 0, count: StateFileLayout.headerSize)
    guard header == StateFileLayout.header else {
      throw CheckpointDamage(path, at: 0, "there is no header of a state file, version \(StateFileLayout.version)")
    }
    let trailer = try storage.checkedRead(saved.name, at: trailerStart, count: StateFileLayout.trailerSize)
    let fields = trailer.span
    guard fields.integer(UInt32.self, at: 28) == StateFileLayout.endMagic,
      fields.integer(UInt64.self, at: 16) == UInt64(size)
    else { throw CheckpointDamage(path, at: trailerStart, "there is no trailer of a state file of its length") }
    let indexStart = fields.integer(UInt64.self, at: 0)
    let count = fields.integer(UInt64.self, at: 8)
    let (indexSize, overflow) = count.multipliedReportingOverflow(by: UInt64(StateFileLayout.entrySize))
    guard !overflow, indexStart >= StateFileLayout.headerSize, indexStart <= trailerStart,
      indexSize == UInt64(trailerStart) - indexStart
    else { throw CheckpointDamage(path, at: trailerStart, "the index does not lie right before the trailer") }
    let index = try storage.checkedRead(saved.name, at: Int(indexStart), count: Int(indexSize))
    var checksum = Checksum(of: header.span)
    checksum.add(index.span)
    checksum.add(fields.extracting(0..<24))
    guard checksum.value == fields.integer(UInt32.self, at: 24) else {
      throw CheckpointDamage(path, at: Int(indexStart), "the checksum of the index does not match")
    }
    guard checksum.value == saved.checksum, Int(count) == saved.blocks else {
      throw CheckpointDamage(path, "it is whole, but not the file that was saved under this name")
    }
    return try entries(index.span, Int(count), end: Int(indexStart), path)
  }

  private static func entries(
    _ index: Span<UInt8>,
    _ count: Int,
    end: Int,
    _ path: String
  ) throws(CheckpointDamage) -> [StateFileLayout.Entry] {
    var entries: [StateFileLayout.Entry] = []
    entries.reserveCapacity(count)
    var next = StateFileLayout.headerSize
    for number in 0..<count {
      let place = number * StateFileLayout.entrySize
      let entry = StateFileLayout.Entry(
        block: StateBlock(
          group: Int(index.integer(UInt16.self, at: place)),
          kind: index.integer(at: place + 2),
          number: Int(index.integer(UInt32.self, at: place + 3))
        ),
        offset: next,
        length: Int(index.integer(UInt32.self, at: place + 15)),
        checksum: index.integer(at: place + 19)
      )
      guard index.integer(UInt64.self, at: place + 7) == UInt64(next), entry.length <= end - next else {
        throw CheckpointDamage(path, at: end + place, "block \(number) does not lie right behind the one before it")
      }
      next = entry.end
      entries.append(entry)
    }
    guard next == end else { throw CheckpointDamage(path, at: next, "there are bytes that belong to no block") }
    return entries
  }

  /// Blocks that are read at once, since nothing much lies between them.
  struct Run {
    private(set) var entries: [StateFileLayout.Entry]

    var start: Int { entries.first?.offset ?? 0 }
    var end: Int { entries.last?.end ?? 0 }

    /// Takes in the next entry if that is worth while.
    mutating func extend(to entry: StateFileLayout.Entry) -> Bool {
      guard entry.offset - end <= StateFile.gap, entry.end - start <= StateFile.readSize else { return false }
      entries.append(entry)
      return true
    }

    /// Where the contents of a block lie in what `load` gives.
    func range(of entry: StateFileLayout.Entry) -> Range<Int> { entry.offset - start..<entry.end - start }
  }

  /// Some of the blocks, in their order in the file.
  ///
  /// - Parameter isWanted: asked once for each, by its place in `entries`.
  func runs(where isWanted: (Int) -> Bool) -> [Run] {
    var runs: [Run] = []
    for index in entries.indices where isWanted(index) {
      let entry = entries[index]
      if runs.isEmpty || !runs[runs.count - 1].extend(to: entry) { runs.append(Run(entries: [entry])) }
    }
    return runs
  }

  /// Reads the contents of a run's blocks and checks them.
  func load(_ run: Run) throws(CheckpointDamage) -> [UInt8] {
    let bytes = try storage.checkedRead(saved.name, at: run.start, count: run.end - run.start)
    for entry in run.entries where Checksum(of: bytes.span.extracting(run.range(of: entry))).value != entry.checksum {
      throw CheckpointDamage(
        storage.path(saved.name),
        at: entry.offset,
        "the checksum of block \(entry.block.number) of kind \(entry.block.kind) of key group "
          + "\(entry.block.group) does not match"
      )
    }
    return bytes
  }
}
