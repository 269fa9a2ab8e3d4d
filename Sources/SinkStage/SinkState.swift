internal import Dataflow
internal import Metrics
internal import Records

/// What a sink saves: whether its output has begun, and what the closing figures depend on.
struct SinkState {
  var hasHeader: Bool
  var evaluation: Evaluation.State?

  static var unreadable: StageFailure {
    StageFailure("the checkpoint's state of the sink is damaged, or was written by another version")
  }

  init(hasHeader: Bool, evaluation: Evaluation.State?) {
    self.hasHeader = hasHeader
    self.evaluation = evaluation
  }

  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try writer.write(Head.version)
    try writer.write(hasHeader)
    try writer.write(evaluation != nil)
    try writer.write(evaluation?.cards != nil)
    guard let evaluation else { return }
    try evaluation.ranking.write(to: &writer)
    try evaluation.cards?.write(to: &writer)
  }

  /// - Parameters:
  ///   - evaluates: whether the sink compares scores with labels; it must have done so when it saved the state.
  ///   - hasCards: whether it counts cards, likewise.
  init(_ bytes: [UInt8], evaluates: Bool, hasCards: Bool) throws(StageFailure) {
    var reader = ByteReader(bytes)
    let head: Head
    do { head = try Head(from: &reader) } catch { throw Self.unreadable }
    if let change = head.change(evaluates: evaluates, hasCards: hasCards) { throw change }
    hasHeader = head.hasHeader
    do throws(MalformedBytes) {
      if evaluates {
        let ranking = try ScoreRanking.State(from: &reader)
        evaluation = Evaluation.State(ranking: ranking, cards: hasCards ? try CardPrecision.State(from: &reader) : nil)
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

    static let version: UInt8 = 1

    init(from reader: inout ByteReader) throws(MalformedBytes) {
      guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
      (hasHeader, evaluates, hasCards) = (try reader.read(), try reader.read(), try reader.read())
    }

    /// What the pipeline's file has changed, for which the state is of no use.
    func change(evaluates: Bool, hasCards: Bool) -> StageFailure? {
      if evaluates != self.evaluates { return Self.change(of: "`evaluate`", isNew: evaluates) }
      return hasCards == self.hasCards ? nil : Self.change(of: "`card` of `evaluate`", isNew: hasCards)
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
