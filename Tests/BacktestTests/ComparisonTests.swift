import Backtest
import Metrics
import Records
import TestSupport
import Testing

/// Two histories side by side, against sets of positions.
@Suite struct ComparisonTests {
  static let day = Timestamp.microsecondsPerDay

  /// A history with some of the rows of `positions`.
  static func history(_ positions: [Position], _ random: inout SeededRandom) -> History {
    let lists = [[], ["large"], ["large", "odd"], ["odd", "<b>"]]
    let rows = positions.filter { _ in !random.chance(oneIn: 10) }.map { position in
      History.Row(
        position: position,
        score: random.chance(oneIn: 20) ? nil : Double.random(in: 0...1, using: &random),
        isFraud: position.ordinal % 7 == 0 ? nil : position.ordinal % 3 == 0,
        isFlagged: random.chance(oneIn: 3),
        reasons: Int32(Int.random(in: 0..<lists.count, using: &random)),
        card: random.chance(oneIn: 9) ? nil : position.ordinal % 5,
        amount: Int64(position.ordinal)
      )
    }
    return History(rows: rows, reasons: lists, scale: 2, hasCards: true)
  }

  static func positions(_ random: inout SeededRandom) -> [Position] {
    (0..<Int.random(in: 1...300, using: &random)).map { ordinal in
      Position(
        time: Int64.random(in: 0..<6 * day, using: &random),
        source: UInt16.random(in: 0...1, using: &random),
        ordinal: UInt64(ordinal)
      )
    }.sorted()
  }

  static func dayOf(_ row: History.Row) -> Int64 { Timestamp.day(of: row.position.time) }

  @Test func rowsAreMatchedByTheirPositions() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let positions = Self.positions(&random)
      let (old, new) = (Self.history(positions, &random), Self.history(positions, &random))
      var scope = Scope(reviewCost: 1, k: 3)
      if random.chance(oneIn: 2) { scope.firstDay = 2 }
      if random.chance(oneIn: 2) { scope.lastDay = 4 }
      let result = BacktestResult(old: ("old", old), new: ("new", new), scope)
      let comparison = try #require(result.comparison)
      let days = (scope.firstDay ?? .min)...(scope.lastDay ?? .max)
      func flagged(_ history: History) -> [Position: History.Row] {
        Dictionary(
          uniqueKeysWithValues: history.rows.filter { $0.isFlagged && days ~= Self.dayOf($0) }.map { ($0.position, $0) }
        )
      }
      let (before, after) = (flagged(old), flagged(new))
      let newly = after.filter { before[$0.key] == nil }.map(\.value)
      let gone = before.filter { after[$0.key] == nil }.map(\.value)
      #expect(comparison.newly.rows == Int64(newly.count), "seed \(seed)")
      #expect(comparison.newly.frauds == Int64(newly.count { $0.isFraud == true }), "seed \(seed)")
      #expect(comparison.noLonger.rows == Int64(gone.count), "seed \(seed)")
      for day in comparison.days {
        #expect(day.newly.rows == Int64(newly.count { Self.dayOf($0) == day.day }), "seed \(seed), day \(day.day)")
        #expect(day.noLonger.rows == Int64(gone.count { Self.dayOf($0) == day.day }), "seed \(seed), day \(day.day)")
      }
      for reason in ["", "large", "odd", "<b>"] {
        func count(_ rows: some Sequence<History.Row>, _ history: History) -> Int64 {
          Int64(
            rows.count {
              let texts = history.reasons[Int($0.reasons)]
              return reason.isEmpty ? texts.isEmpty : texts.contains(reason)
            }
          )
        }
        let found = comparison.reasons.first { $0.text == reason }
        #expect(found?.old.rows ?? 0 == count(before.values, old), "seed \(seed), \(reason)")
        #expect(found?.new.rows ?? 0 == count(after.values, new), "seed \(seed), \(reason)")
        #expect(found?.newly.rows ?? 0 == count(newly, new), "seed \(seed), \(reason)")
        #expect(found?.noLonger.rows ?? 0 == count(gone, old), "seed \(seed), \(reason)")
      }
      let common = Set(old.rows.map(\.position)).intersection(new.rows.map(\.position))
        .filter { days ~= Timestamp.day(of: $0.time) }
      #expect(comparison.both == Int64(common.count), "seed \(seed)")
    }
  }

  @Test func ratingsCountTheRowsOfTheDays() {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let history = Self.history(Self.positions(&random), &random)
      var scope = Scope(reviewCost: 2.5, k: 2)
      scope.firstDay = 1
      scope.lastDay = 4
      if random.chance(oneIn: 2) { scope.blocking = Scope.Blocking(delay: 1, firstDay: nil) }
      let side = BacktestResult(old: nil, new: ("new", history), scope).new
      let rated = history.rows.filter { row in
        guard 1...4 ~= Self.dayOf(row) else { return false }
        guard scope.blocking != nil, let card = row.card else { return true }
        return !history.rows.contains {
          $0.isFraud == true && $0.card == card && Self.dayOf($0) <= Self.dayOf(row) - 2
        }
      }
      let labelled = rated.filter { $0.isFraud != nil }
      let caught = labelled.filter { $0.isFraud == true && $0.isFlagged }
      let missed = labelled.filter { $0.isFraud == true && !$0.isFlagged }
      #expect(side.rows == Int64(rated.count), "seed \(seed)")
      #expect(side.before == Int64(history.rows.count { Self.dayOf($0) < 1 }), "seed \(seed)")
      #expect(side.rating.confusion.caught == Int64(caught.count), "seed \(seed)")
      #expect(side.rating.curve.rows == Int64(labelled.count { $0.score != nil }), "seed \(seed)")
      let flagged = labelled.count(where: \.isFlagged)
      let cost = Double(missed.reduce(0) { $0 + $1.amount }) / 100 + 2.5 * Double(flagged)
      #expect(abs((side.rating.costs?.own ?? 0) - cost) < 1e-9, "seed \(seed)")
      #expect(side.rating.days.map(\.day) == Set(rated.map(Self.dayOf)).sorted(), "seed \(seed)")
    }
  }
}
