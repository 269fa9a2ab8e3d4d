public import Records

/// What one kind of stage does with rows: a state machine without I/O, clock or thread.
///
/// The worker hands it batches in the pipeline's total order, each row once, and carries out the effects that it leaves.
public protocol StageLogic: ~Copyable {
  /// Takes in the next rows, whose positions are all greater than those of earlier ones.
  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure)
  /// The stream has ended; leaves what is still to be said, and the stage's closing figures.
  mutating func finish(into effects: inout StageEffects) throws(StageFailure)
}

/// What a source does with the bytes it is given: a state machine without I/O; time comes in as a value.
public protocol SourceLogic: ~Copyable {
  /// Takes in the next bytes of the input, in order; called only after a step that asked for them.
  mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure)
  /// What was supplied so far ends a message: a record, or several on lines of their own.
  mutating func endMessage()
  /// The input has no more bytes.
  mutating func endInput() throws(StageFailure)
  /// Leaves the next rows that are ready at `now`, at most one batch.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep
  /// How many records of the input are done with: every row of them that this worker reads has been left.
  var place: UInt64 { get }
  /// Ends the stream before record `place`: what is behind it is given up, what is before it is left at once.
  mutating func stop(at place: UInt64)
}

/// What a source needs next.
public enum SourceStep: Hashable, Sendable {
  /// More bytes, or the word that there are none.
  case needsInput
  /// Nothing but time: no row is due before `until` (nanoseconds of the monotonic clock).
  case waiting(until: Int64)
  /// Rows were left, or bytes used up; step again.
  case working
  /// Every row has been left.
  case finished
}

/// What a stage leaves for its worker to carry out, reused from step to step.
public struct StageEffects: ~Copyable {
  /// Rows for the next stages, in the order of their positions; put together before the stage goes on.
  public var rows: [LooseRows] = []
  /// Bytes for the stage's own output: a file or stdout. Whole lines.
  public var output = TextBuffer(capacity: 1 << 16)
  /// Dead letters as JSON Lines.
  public var deadLetters = TextBuffer()
  /// What became of the rows, summed since the start.
  public var counters = RowCounters()
  /// Set by a source: every row it leaves later has a greater position.
  public var watermark = Position.first
  /// Set by a source: the stream is cut behind the rows left, by this number.
  public var barrier: UInt64?
  /// Set at the end: named closing figures of the stage (`auc_roc`, `average_precision`...).
  public var figures: [Figure] = []

  package init() {}
}

/// A named closing figure of a stage.
public struct Figure: Hashable, Sendable {
  package let name: String
  package let value: Double

  package init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// What became of the rows that a worker took in. Nothing is lost silently:
/// `rowsIn == rowsOut + filtered + late + deadLetters` once a worker is drained.
public struct RowCounters: Hashable, Sendable {
  /// Rows read by a source, dead letters and late ones among them; received by any other stage.
  public var rowsIn: Int64 = 0
  /// Rows handed on, or written by a sink.
  public var rowsOut: Int64 = 0
  /// Rows that the stage's `where` dropped.
  public var filtered: Int64 = 0
  /// Rows later than the source's `out_of_order` bound.
  public var late: Int64 = 0
  /// Inputs that could not be processed.
  public var deadLetters: Int64 = 0

  package init() {}
}

/// An error that ends the run: what is wrong, at which row where one is to blame, and the remedy.
public struct StageFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  package let position: Position?

  package init(_ message: String, at position: Position? = nil) {
    self.message = message
    self.position = position
  }

  public var description: String { position.map { "\(message) (row at \($0))" } ?? message }
}
