internal import Dataflow
internal import Metrics
internal import Records

/// Holds the riskiest rows of a day, as they will be written, until the day is over.
struct DailyBudget {
  private let plan: BudgetPlan
  /// Whole days from 1970-01-01; nil where no row is held.
  private var day: Int64?
  private var riskiest: RiskiestKeys<[UInt8]>

  init(_ plan: BudgetPlan) {
    self.plan = plan
    riskiest = RiskiestKeys(k: plan.keep)
  }

  /// What is held.
  struct State {
    var day: Int64?
    var entries: [RiskiestKeys<[UInt8]>.Entry]
  }

  var state: State { State(day: day, entries: riskiest.entries) }

  /// Goes on from a saved state of as many rows as the plan allows.
  mutating func restore(_ state: State) {
    day = state.day
    riskiest = RiskiestKeys(k: plan.keep, state.entries)
  }

  var keep: Int { plan.keep }

  /// Takes in rows, which come in the order of their positions; shows those of days that are over.
  mutating func add(
    _ columns: [ColumnView],
    _ positions: PositionsView,
    _ rows: RowSelection,
    _ writer: RowWriter,
    into effects: inout StageEffects
  ) {
    var text = TextBuffer()
    let (scores, keys) = (columns[plan.score], plan.key.map { columns[$0] })
    rows.each { row in
      let day = Timestamp.day(of: positions.time(row))
      if day != self.day {
        close(into: &effects)
        self.day = day
      }
      let score = scores.hasNulls && scores.isNull(row) ? Double.nan : scores.float64(row)
      let key = keys.flatMap { $0.hasNulls && $0.isNull(row) ? nil : $0.stableHash(row) }
      let leavesOut =
        score.isNaN
        || riskiest.add(key: key, score: score) {
          text.removeAll()
          writer.write(columns, row, to: &text)
          return text.bytes.indices.map { text.bytes[$0] }
        }
      if leavesOut { effects.counters.filtered += 1 }
    }
  }

  /// Every row up to `progress` has come: shows what is held of days that are over by then.
  mutating func advance(to progress: Position, into effects: inout StageEffects) {
    guard let day, progress == .last || Timestamp.day(of: progress.time) > day else { return }
    close(into: &effects)
  }

  private mutating func close(into effects: inout StageEffects) {
    for entry in riskiest.entries { effects.output.append(entry.row.span) }
    effects.counters.rowsOut += Int64(riskiest.entries.count)
    riskiest.removeAll()
    day = nil
  }
}

extension RowSelection {
  /// Gives `body` the rows, in their order.
  @inline(__always)
  func each(_ body: (Int) -> Void) {
    switch self {
    case .range(let range): for row in range { body(row) }
    case .rows(let rows): for row in rows { body(Int(row)) }
    }
  }
}

extension DailyBudget.State {
  func write(to writer: inout PieceWriter) throws(StateWriteError) {
    try writer.write(day != nil)
    try writer.write(day ?? 0)
    try writer.write(UInt32(entries.count))
    for entry in entries {
      try writer.write(entry.key != nil)
      try writer.write(entry.key ?? 0)
      try writer.write(entry.score)
      try writer.write(UInt32(entry.row.count))
      for byte in entry.row { try writer.write(byte) }
    }
  }

  /// - Parameter keep: how many rows the plan allows.
  init(from reader: inout ByteReader, keep: Int) throws(MalformedBytes) {
    let (hasDay, day) = (try reader.read(Bool.self), try reader.read(Int64.self))
    self.day = hasDay ? day : nil
    entries = try reader.read { (reader) throws(MalformedBytes) in
      let (hasKey, key) = (try reader.read(Bool.self), try reader.read(UInt64.self))
      return RiskiestKeys<[UInt8]>.Entry(
        key: hasKey ? key : nil,
        score: try reader.read(),
        row: try reader.read { (reader) throws(MalformedBytes) in try reader.read(UInt8.self) }
      )
    }
    guard RiskiestKeys.isSound(entries, k: keep), hasDay || entries.isEmpty else {
      throw reader.malformed("the riskiest rows of a day")
    }
  }
}
