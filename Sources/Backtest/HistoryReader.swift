internal import Metrics
package import Plan
package import Records

/// Reads a history from the frames that a rated pipeline has left.
package struct HistoryReader {
  private let results: RatedResults
  /// Of sources, by what they are in this pipeline.
  private let numbers: [UInt16: UInt16]
  private var history: History
  private var listOfText: [String: Int32] = ["": 0]
  /// The rows of a day that the sink's budget is for, with their places.
  private var riskiest: RiskiestKeys<Int>?
  private var day: Int64?

  /// - Parameter stages: those that give rows their positions, of all pipelines: a row is the same in two of them where
  ///   stages of one name have given it the same.
  package init(_ results: RatedResults, stages: [String]) {
    self.results = results
    numbers = results.origins.compactMapValues { name in stages.firstIndex(of: name).map { UInt16(clamping: $0) } }
    let scale: Int? = results.amount.map { column in
      if case .decimal(let scale) = results.schema.fields[column].type { scale } else { 0 }
    }
    history = History(scale: scale, hasCards: results.card != nil)
    riskiest = results.budget.map { RiskiestKeys(k: $0.keep) }
  }

  /// Takes in the next rows.
  package mutating func add(_ batch: RecordBatch) {
    let positions = batch.positions
    let (flagged, label, score) = (
      batch.column(results.flagged), batch.column(results.label), batch.column(results.score)
    )
    let (cards, amounts) = (results.card.map(batch.column), results.amount.map(batch.column))
    let reasons = results.reasons.map(batch.column)
    for row in 0..<batch.rowCount {
      let isFlagged = !flagged.isNull(row) && flagged.bool(row)
      if isFlagged, let budget = results.budget { spend(budget, batch, row, at: positions[row].time) }
      history.rows.append(
        History.Row(
          position: own(positions[row]),
          score: score.isNull(row) ? nil : score.float64(row),
          isFraud: label.isNull(row) ? nil : label.type == .int64 ? label.int64(row) != 0 : label.bool(row),
          // A budget says at the end of the day which of them it was for.
          isFlagged: isFlagged && riskiest == nil,
          reasons: isFlagged ? reasons.map { $0.isNull(row) ? 0 : list($0.string(row)) } ?? 0 : 0,
          card: cards.flatMap { $0.isNull(row) ? nil : $0.stableHash(row) },
          amount: amounts.map { $0.isNull(row) ? 0 : $0.int64(row) } ?? 0
        )
      )
    }
  }

  /// All rows that were read.
  package consuming func finish() -> History {
    endDay()
    let isOrdered = history.rows.indices.dropFirst().allSatisfy {
      history.rows[$0 - 1].position <= history.rows[$0].position
    }
    // A stage that takes rows as they arrive leaves them so, and sources may have other numbers.
    if !isOrdered { history.rows.sort { $0.position < $1.position } }
    return history
  }

  /// Takes a flagged row that is about to be added into the budget of its day.
  private mutating func spend(_ budget: RatedResults.Budget, _ batch: RecordBatch, _ row: Int, at time: Int64) {
    let day = Timestamp.day(of: time)
    if day != self.day { endDay() }
    self.day = day
    let scores = batch.column(budget.score)
    guard !scores.isNull(row), !scores.float64(row).isNaN else { return }
    let key = budget.key.map(batch.column).flatMap { $0.isNull(row) ? nil : $0.stableHash(row) }
    _ = riskiest?.add(key: key, score: scores.float64(row)) { history.rows.count }
  }

  private mutating func endDay() {
    for entry in riskiest?.entries ?? [] { history.rows[entry.row].isFlagged = true }
    riskiest?.removeAll()
  }

  private func own(_ position: Position) -> Position {
    Position(
      time: position.time,
      source: numbers[position.source] ?? position.source,
      ordinal: position.ordinal >> UInt64(results.pathBits)
    )
  }

  private mutating func list(_ text: String) -> Int32 {
    if let list = listOfText[text] { return list }
    let list = Int32(history.reasons.count)
    listOfText[text] = list
    history.reasons.append(text.split(separator: ";").map(String.init))
    return list
  }
}
