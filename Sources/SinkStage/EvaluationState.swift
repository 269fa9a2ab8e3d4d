internal import Dataflow
internal import Metrics
internal import Records

extension Evaluation.State {
  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try ranking.write(to: &writer)
    try cards?.write(to: &writer)
  }

  init(from reader: inout ByteReader, hasCards: Bool) throws(MalformedBytes) {
    ranking = try ScoreRanking.State(from: &reader)
    cards = hasCards ? try CardPrecision.State(from: &reader) : nil
  }
}

extension ScoreRanking.State {
  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try writer.write(rows)
    try writer.write(frauds)
    try writer.write(droppedBits)
    try writer.write(UInt32(groups.count))
    for group in groups {
      try writer.write(group.key)
      try writer.write(group.frauds)
      try writer.write(group.others)
    }
    try writer.write(merging != nil)
    if let merging {
      try writer.write(merging.droppedBits)
      try writer.write(merging.frauds)
      try writer.write(merging.others)
    }
    try writer.write(newFrauds)
    try writer.write(newOthers)
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    self.init(
      rows: try reader.read(),
      frauds: try reader.read(),
      droppedBits: try reader.read(),
      groups: try reader.read { (reader) throws(MalformedBytes) in
        ScoreRanking.Group(key: try reader.read(), frauds: try reader.read(), others: try reader.read())
      },
      merging: try reader.readOptional { (reader) throws(MalformedBytes) in
        Merging(droppedBits: try reader.read(), frauds: try reader.readKeys(), others: try reader.readKeys())
      },
      newFrauds: try reader.readKeys(),
      newOthers: try reader.readKeys()
    )
    guard isSound else { throw reader.malformed("counts of scores in their order") }
  }

  /// Whether keys are in the order that merging needs, and every row is counted once.
  private var isSound: Bool {
    guard droppedBits <= 64, merging?.droppedBits ?? 0 <= droppedBits else { return false }
    var before: UInt64 = 0
    var (allFrauds, allOthers): (Int64, Int64) = (0, 0)
    // What fits into memory, each below 2^32, does not overflow.
    for group in groups {
      guard group.key >= before else { return false }
      before = group.key
      allFrauds += Int64(group.frauds)
      allOthers += Int64(group.others)
    }
    allFrauds += Int64(newFrauds.count)
    allOthers += Int64(newOthers.count)
    if let merging {
      guard Self.isRising(merging.frauds), Self.isRising(merging.others) else { return false }
      allFrauds += Int64(merging.frauds.count)
      allOthers += Int64(merging.others.count)
    }
    return frauds == allFrauds && rows >= allFrauds && rows - allFrauds == allOthers
  }

  private static func isRising(_ keys: [UInt64]) -> Bool {
    keys.indices.dropFirst().allSatisfy { keys[$0 - 1] <= keys[$0] }
  }
}

extension CardPrecision.State {
  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try writer.write(day != nil)
    try writer.write(day ?? 0)
    try writer.write(UInt32(cards.reduce(0) { $0 + $1.count }))
    for card in cards.joined() {
      try writer.write(card.key)
      try writer.write(card.score)
      try writer.write(card.isFraud)
    }
    // In an order that is not that of a process's hashing, so that equal states have equal bytes.
    try writer.write(blocked.sorted())
    try writer.write(sum)
    try writer.write(possible)
    try writer.write(Int64(days))
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let (hasDay, day) = (try reader.read(Bool.self), try reader.read(Int64.self))
    self.init(
      day: hasDay ? day : nil,
      cards: [
        try reader.read { (reader) throws(MalformedBytes) in
          CardTable.Card(key: try reader.read(), score: try reader.read(), isFraud: try reader.read())
        }
      ],
      blocked: Set(try reader.readKeys()),
      sum: try reader.read(),
      possible: try reader.read(),
      days: Int(try reader.read(Int64.self))
    )
    // A century of days has five digits; nothing is near the limits of a number.
    guard 0...Int(Int32.max) ~= days else { throw reader.malformed("a number of days") }
  }
}

extension PieceWriter {
  fileprivate mutating func write(_ keys: [UInt64]) throws(StateWriteError) {
    try write(UInt32(keys.count))
    for key in keys { try write(key) }
  }
}

extension ByteReader {
  fileprivate mutating func readKeys() throws(MalformedBytes) -> [UInt64] {
    try read { (reader) throws(MalformedBytes) in try reader.read(UInt64.self) }
  }
}
