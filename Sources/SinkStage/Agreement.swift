internal import Dataflow
internal import Records

/// How often a challenger decides as is decided, and where it would flag other rows: counts.
struct Agreement: Hashable {
  /// Which both have decided.
  private(set) var rows: Int64 = 0
  /// With the same decision.
  private(set) var same: Int64 = 0
  /// Approved, and not by the challenger.
  private(set) var newlyFlagged: Int64 = 0
  /// Of them, those with a label that says fraud.
  private(set) var newFrauds: Int64 = 0
  /// Not approved, but by the challenger.
  private(set) var noLongerFlagged: Int64 = 0
  private(set) var lostFrauds: Int64 = 0

  private static let approve = Array("approve".utf8)

  init() {}

  mutating func add(_ decision: Span<UInt8>, _ challenger: Span<UInt8>, isFraud: Bool) {
    rows += 1
    if Self.areEqual(decision, challenger) {
      same += 1
      return
    }
    let approve = Self.approve.span
    if Self.areEqual(decision, approve) {
      newlyFlagged += 1
      if isFraud { newFrauds += 1 }
    } else if Self.areEqual(challenger, approve) {
      noLongerFlagged += 1
      if isFraud { lostFrauds += 1 }
    }
  }

  private static func areEqual(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    for index in one.indices where one[index] != other[index] { return false }
    return true
  }

  var figures: [Figure] {
    [
      Figure("compared_rows", Double(rows)), Figure("same_decision", Double(same)),
      Figure("newly_flagged", Double(newlyFlagged)), Figure("newly_flagged_frauds", Double(newFrauds)),
      Figure("no_longer_flagged", Double(noLongerFlagged)), Figure("no_longer_flagged_frauds", Double(lostFrauds)),
    ]
  }
}

extension Agreement {
  private var counts: [Int64] { [rows, same, newlyFlagged, newFrauds, noLongerFlagged, lostFrauds] }

  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    for count in counts { try writer.write(count) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    (rows, same) = (try reader.read(), try reader.read())
    (newlyFlagged, newFrauds) = (try reader.read(), try reader.read())
    (noLongerFlagged, lostFrauds) = (try reader.read(), try reader.read())
    // Far below the limits of a number, so that sums do not overflow.
    guard counts.allSatisfy({ 0...1 << 60 ~= $0 }), same + newlyFlagged + noLongerFlagged <= rows,
      newFrauds <= newlyFlagged, lostFrauds <= noLongerFlagged
    else { throw reader.malformed("counts of decisions") }
  }
}

extension Comparison.State {
  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    let bytes = Array(name.utf8)
    try writer.write(UInt32(bytes.count))
    for byte in bytes { try writer.write(byte) }
    try agreement.write(to: &writer)
    try evaluation?.write(to: &writer)
  }

  /// - Parameters:
  ///   - evaluates: whether the sink compares scores with labels.
  ///   - hasCards: whether it counts cards.
  init(from reader: inout ByteReader, evaluates: Bool, hasCards: Bool) throws(MalformedBytes) {
    name = try reader.read()
    agreement = try Agreement(from: &reader)
    evaluation = evaluates ? try Evaluation.State(from: &reader, hasCards: hasCards) : nil
  }
}
