internal import Dataflow
internal import Metrics
internal import Records

/// What a sink saves: whether its output has begun, what the closing figures depend on, and the rows that it holds.
struct SinkState {
  var hasHeader: Bool
  var evaluation: Evaluation.State?
  var budget: DailyBudget.State?
  /// Of each challenger; those of other ones than the plan has are read over.
  var comparisons: [Comparison.State]

  static var unreadable: StageFailure {
    StageFailure("the checkpoint's state of the sink is damaged, or was written by another version")
  }

  init(
    hasHeader: Bool,
    evaluation: Evaluation.State?,
    budget: DailyBudget.State?,
    comparisons: [Comparison.State] = []
  ) {
    self.hasHeader = hasHeader
    self.evaluation = evaluation
    self.budget = budget
    self.comparisons = comparisons
  }

  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try writer.write(Head.version)
    try writer.write(hasHeader)
    try writer.write(evaluation != nil)
    try writer.write(evaluation?.cards != nil)
    try writer.write(budget != nil)
    try evaluation?.write(to: &writer)
    try budget?.write(to: &writer)
    try writer.write(UInt32(comparisons.count))
    for comparison in comparisons { try comparison.write(to: &writer) }
  }

  /// - Parameters:
  ///   - evaluates: whether the sink compares scores with labels; it must have done so when it saved the state.
  ///   - hasCards: whether it counts cards, likewise.
  ///   - keep: how many rows of a day it may show; nil: all.
  init(_ bytes: [UInt8], evaluates: Bool, hasCards: Bool, keep: Int?) throws(StageFailure) {
    var reader = ByteReader(bytes)
    let head: Head
    do { head = try Head(from: &reader) } catch { throw Self.unreadable }
    if let change = head.change(evaluates: evaluates, hasCards: hasCards, hasBudget: keep != nil) { throw change }
    hasHeader = head.hasHeader
    do throws(MalformedBytes) {
      if evaluates { evaluation = try Evaluation.State(from: &reader, hasCards: hasCards) }
      if let keep { budget = try DailyBudget.State(from: &reader, keep: keep) }
      comparisons = try reader.read { (reader) throws(MalformedBytes) in
        try Comparison.State(from: &reader, evaluates: evaluates, hasCards: hasCards)
      }
      guard reader.isAtEnd else { throw reader.malformed("the end") }
    } catch {
      throw Self.unreadable
    }
  }

  /// What the state begins with: whose it is.
  private struct Head {
    let hasHeader: Bool
    let evaluates: Bool
    let hasCards: Bool
    let hasBudget: Bool

    static let version: UInt8 = 3

    init(from reader: inout ByteReader) throws(MalformedBytes) {
      guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
      (hasHeader, evaluates) = (try reader.read(), try reader.read())
      (hasCards, hasBudget) = (try reader.read(), try reader.read())
    }

    /// What the pipeline's file has changed, for which the state is of no use.
    func change(evaluates: Bool, hasCards: Bool, hasBudget: Bool) -> StageFailure? {
      if evaluates != self.evaluates { return Self.change(of: "`evaluate`", isNew: evaluates) }
      if hasCards != self.hasCards { return Self.change(of: "`card` of `evaluate`", isNew: hasCards) }
      return hasBudget == self.hasBudget ? nil : Self.change(of: "`budget`", isNew: hasBudget)
    }

    private static func change(of setting: String, isNew: Bool) -> StageFailure {
      StageFailure(
        isNew
          ? "the sink has \(setting), but had none when the checkpoint was made; take it out, or begin without the checkpoint"
          : "the sink had \(setting) when the checkpoint was made, and has none now; put it back, or begin without the checkpoint"
      )
    }
  }
}
