internal import Dataflow
internal import Plan
internal import Records
internal import Telemetry

/// Notes when a row that is followed comes to a worker, and when the worker is done with it.
///
/// Nothing looks into batches for it: watermarks tell when it can be there, and how far a step has come tells whether it took it.
struct RowWatch {
  private let position: Position
  /// The channels that have not come so far.
  private var open: Set<Int>
  private var came: Int64?
  private var taken: Int64?
  private var before: Int64 = 0
  private var rows: Int64 = 0
  private var times: RowTimes?

  /// - Parameter channels: into the worker.
  init(_ trace: RowTrace, channels: Int) {
    position = trace.position
    open = Set(0..<channels)
  }

  /// In a worker's report; none where the row has not come.
  var figures: [Figure] { times?.figures ?? [] }

  /// A frame has come.
  mutating func receive(_ storage: FrameStorage, on channel: Int) {
    guard !open.isEmpty, let watermark = storage.peekedWatermark, watermark >= position else { return }
    open.remove(channel)
    if open.isEmpty { came = MonotonicClock.now }
  }

  /// A step is over, and what it wrote is written.
  ///
  /// - Parameters:
  ///   - began: when the step did.
  ///   - reached: how far the worker has come.
  ///   - rowsIn: rows that it has taken in so far.
  mutating func endStep(since began: Int64, at reached: Position, rowsIn: Int64) {
    guard times == nil else { return }
    if taken == nil, came != nil { taken = began }
    if reached >= position, let came, let taken {
      times = RowTimes(came: came, taken: taken, done: MonotonicClock.now, before: before)
    } else if rowsIn > rows {
      rows = rowsIn
      before = MonotonicClock.now
    }
  }
}
