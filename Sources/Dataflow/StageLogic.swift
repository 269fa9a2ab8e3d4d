public import Records

/// What one kind of stage does with rows: a state machine without I/O, clock or thread.
///
/// The worker hands it batches in the pipeline's total order, each row once, and carries out the effects that it leaves.
public protocol StageLogic: ~Copyable {
  /// Takes in the next rows, whose positions are all greater than those of earlier ones.
  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure)
  /// Every row up to `progress` has been processed: leaves what is to be said of the time that has passed, at most a batch.
  ///
  /// - Returns: how far the stage has come, which is where everything it still leaves lies behind; short of `progress` where it
  ///   wants to go on before it is given anything else.
  mutating func advance(to progress: Position, into effects: inout StageEffects) throws(StageFailure) -> Position
  /// The stream has ended, at least for this epoch; leaves the stage's closing figures.
  mutating func finish(into effects: inout StageEffects) throws(StageFailure)
  /// The state as it is now, to be saved while the stage goes on; nil for a stage that has none.
  ///
  /// - Parameter isFull: all of it; else only the blocks that changed since the snapshot before.
  mutating func snapshot(isFull: Bool) -> (any StateSnapshot)?
  /// Takes back a block of a saved state, before any row and in any order: blocks of other key groups than its own are not
  /// given. State that several workers saved is given to one where they have become fewer.
  ///
  /// - Parameter origin: which of those workers saved it, from 0; numbers of blocks mean something only among those of one.
  mutating func restore(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure)
  /// All blocks have been given back.
  mutating func endRestore() throws(StageFailure)
}

extension StageLogic where Self: ~Copyable {
  package mutating func advance(
    to progress: Position,
    into effects: inout StageEffects
  ) throws(StageFailure) -> Position { progress }
  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? { nil }
  package mutating func restore(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure) {
    throw StageFailure("the checkpoint has a state for a stage that keeps none")
  }
  package mutating func endRestore() throws(StageFailure) {}
}

/// What a source does with the bytes it is given: a state machine without I/O; time comes in as a value.
public protocol SourceLogic: ~Copyable {
  /// Takes in the next bytes of the input, in order; called only after a step that asked for them.
  mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure)
  /// What was supplied so far ends a message: a record, or several on lines of their own.
  mutating func endMessage()
  /// The same of a message that had been received before: its rows arrive now, whatever they say.
  mutating func endReplayedMessage()
  /// Nothing that is supplied from here on is of before this event time, or it is late. The promise is kept with the messages,
  /// and counts as one.
  mutating func promise(_ time: Int64)
  /// What is to be promised before the source can end where it was told to, once all that was kept of its input has been supplied;
  /// nil where nothing is: it is not to end, or its input or a record tells it where.
  var lastPromise: Int64? { get }
  /// The input has no more bytes.
  mutating func endInput() throws(StageFailure)
  /// Leaves the next rows that are ready at `now`, at most one batch.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep
  /// How many records of the input are done with: every row of them that this worker reads has been left, or waits for others
  /// that may stand before it.
  var place: UInt64 { get }
  /// No row of those records with a greater event time has been left; the least time there is where none has been.
  var time: Int64 { get }
  /// The greatest event time of what was read, or promised; nil before the first.
  var latest: Int64? { get }
  /// Whether it finished before the end of its input because it was stopped, so that the stream goes on in another epoch.
  var isStopped: Bool { get }
  /// Ends the stream before record `place`: what is behind it is given up, what is before it is left at once.
  mutating func stop(at place: UInt64)
  /// The same before the first record with an event time above `time`, or, where the input is live, behind `lastPromise`.
  mutating func stop(behind time: Int64)
  /// Asks for the barrier of checkpoint `number` before record `place`, or, where the source has come further, before the next
  /// record that it has not left. `effects.barrier` tells when it is there.
  mutating func cut(_ number: UInt64, at place: UInt64)
  /// The same before the first record with an event time above `time`, which no row that was left has; or at the input's end.
  mutating func cut(_ number: UInt64, behind time: Int64)
  /// Where the source stands, right behind a step that left a barrier or finished: enough to go on from there, with any number
  /// of workers.
  var state: [UInt8] { get }
  /// Goes on from a saved state, before any bytes are supplied.
  ///
  /// - Parameter keepsSchedule: rows that are replayed by their event time are due when they were in the run that saved the
  ///   state, so that what was delayed catches up; else the first of them is due at once.
  /// - Returns: where to supply from: a byte of the input, or, where it comes in messages, the number of those before.
  mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64
}

extension SourceLogic where Self: ~Copyable {
  package mutating func endReplayedMessage() { endMessage() }
  package var lastPromise: Int64? { nil }
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
  /// Rows for every stage that reads this one, in the order of their positions; put together before the stage goes on.
  public var rows: [LooseRows] = []
  /// Rows that only one of those stages is to have, in the order of their positions for each.
  package var routed: [RoutedRows] = []
  /// Rows of its side outputs, in the order of their positions for each.
  package var side: [SideRows] = []
  /// Bytes for the stage's own output: a file or stdout. Whole lines.
  public var output = TextBuffer(capacity: 1 << 16)
  /// Dead letters as JSON Lines.
  public var deadLetters = TextBuffer()
  /// What became of the rows, summed since the start.
  public var counters = RowCounters()
  /// Set by a source: every row it leaves later has a greater position.
  public var watermark = Position.first
  /// Set by a source: the stream is cut behind the rows left.
  public var barrier: Barrier?
  /// Set at the end: named closing figures of the stage (`auc_roc`, `average_precision`...).
  public var figures: [Figure] = []

  package init() {}
}

/// Rows for one of the stages that read a worker's.
package struct RoutedRows: Sendable {
  /// Which of them, in the order of the worker's plan.
  package let reader: Int
  package let rows: LooseRows

  package init(reader: Int, rows: LooseRows) {
    self.reader = reader
    self.rows = rows
  }
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

extension String {
  /// The figures of a window stage: keys that it keeps state of, and the bytes of that.
  package static let liveKeys = "live_keys"
  package static let stateBytes = "state_bytes"
}

/// What became of the rows that a worker took in. Nothing is lost silently:
/// `rowsIn + copied + emitted == rowsOut + filtered + gathered + late + deadLetters` once a worker is drained.
public struct RowCounters: Hashable, Sendable {
  /// Rows read by a source, dead letters and late ones among them; received by any other stage.
  public var rowsIn: Int64 = 0
  /// Rows handed on, or written by a sink.
  public var rowsOut: Int64 = 0
  /// Times that a row went to one more stage than the first that reads it.
  public var copied: Int64 = 0
  /// Rows that the stage's `where` dropped.
  public var filtered: Int64 = 0
  /// Rows that ended in windows which emit rows of their own.
  public var gathered: Int64 = 0
  /// The rows that such windows left.
  public var emitted: Int64 = 0
  /// Rows later than the source's `out_of_order` bound.
  public var late: Int64 = 0
  /// Inputs that could not be processed.
  public var deadLetters: Int64 = 0

  package init() {}

  package mutating func add(_ other: RowCounters) {
    rowsIn += other.rowsIn
    rowsOut += other.rowsOut
    copied += other.copied
    filtered += other.filtered
    gathered += other.gathered
    emitted += other.emitted
    late += other.late
    deadLetters += other.deadLetters
  }
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
