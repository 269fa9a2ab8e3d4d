import Foundation
import TestSupport
import Testing

/// `sluice why`: the rows that it lists in a window are those of which the feature's value comes.
@Suite struct WhyWindowTests {
  static let data = Repository.path("datasets/card-transactions.csv")
  static let shipped = Result { try EveryAggregate.rows(.max) }

  /// Features of the shipped pipelines: how long, how late, and of what.
  @Test(arguments: ["card-fraud", "card-fraud-labels"])
  func theRowsOfAWindowGiveTheFeaturesOfTheShippedPipelines(name: String) throws {
    let folder = try TemporaryFolder()
    let rows = try Self.shipped.get()
    for seed in Seeds.range(6) {
      var random = SeededRandom(seed: seed)
      // Late rows have full windows.
      let id = Int.random(in: seed % 2 == 0 ? 0..<rows.count : rows.count / 2..<rows.count, using: &random)
      let answer = try WhyAnswer.of(Repository.path("pipelines/\(name).yaml"), "\(id)", in: folder)
      #expect(answer.row["transaction_id"] == .number(Double(id)) && answer.occurrences == 1)
      let row = rows[id]
      for (stage, column, delay) in [
        ("customer", EveryAggregate.customer, 0), ("terminal", EveryAggregate.terminal, 7),
      ] {
        for feature in try answer.features(of: stage) {
          let parts = feature.name.split(separator: "_")
          let days = try #require(Int(parts[2].dropLast()))
          let newest = row.time - Int64(delay) * EveryAggregate.day
          let window = rows.enumerated().filter { number, other in
            other.values[column] == row.values[column] && other.time <= newest
              && other.time > newest - Int64(days) * EveryAggregate.day && (delay > 0 || number <= id)
          }
          let listed = feature.listed.compactMap { $0.row["transaction_id"]?.number }
          #expect(listed == window.map { Double($0.offset) }, "seed \(seed): \(feature.name) of \(id)")
          #expect(feature.rows == listed.count)
          // From what is listed alone.
          let amounts = feature.listed.compactMap {
            ($0.row[stage == "customer" ? "tx_amount" : name == "card-fraud" ? "tx_fraud" : "was_fraud"] ?? .null)
              .number
          }
          try #require(amounts.count == listed.count)
          let unit = stage == "customer" ? 100.0 : 1
          let sum = amounts.reduce(0) { $0 + ($1 * unit).rounded() }
          let expected =
            parts[1] == "count" ? Double(listed.count) : listed.isEmpty ? 0 : sum / (Double(listed.count) * unit)
          #expect(feature.value == .number(expected), "seed \(seed): \(feature.name) of \(id)")
        }
      }
    }
  }

  /// Every function with edges of every kind; the definition is given nothing but the rows that are listed.
  @Test func theRowsOfAWindowGiveEveryFeature() throws {
    let folder = try TemporaryFolder()
    let count = 5000
    let text = try String(contentsOfFile: Self.data, encoding: .utf8)
    let lines = text.split(separator: "\n").prefix(count + 1).joined(separator: "\n")
    let history = try folder.write("history.csv", lines + "\n")
    let path = try folder.write("every.yaml", EveryAggregate.pipeline)
    let rows = try EveryAggregate.rows(count)
    for seed in Seeds.range(6) {
      var random = SeededRandom(seed: seed)
      let id = Int.random(in: seed % 2 == 0 ? 0..<count : count / 2..<count, using: &random)
      let answer = try WhyAnswer.of(path, "\(id)", ["--input", history], in: folder)
      let stages = [
        ("customer", EveryAggregate.ofCustomers, EveryAggregate.customer),
        ("kind", EveryAggregate.ofKinds, EveryAggregate.kind),
      ]
      for (stage, features, key) in stages {
        let ofKey = rows.prefix(id + 1).filter { $0.values[key] == rows[id].values[key] }
        for (found, feature) in zip(try answer.features(of: stage), features) {
          let problem = "seed \(seed), \(id): \(feature.text)"
          #expect(found.feature == feature.text)
          let listed = found.listed.compactMap { $0.row["transaction_id"]?.number.map { rows[Int($0)] } }
          #expect(found.rows == listed.count, "\(problem)")
          if !feature.definition.isDecayed {
            #expect(listed == feature.definition.counted(ofKey), "\(problem)")
          }
          let expected = feature.definition.result(ofWindow: listed, at: rows[id])
          #expect(found.value.isAccepted(by: expected, unit: feature.unit), "\(problem): \(found.value), \(expected)")
        }
      }
    }
  }

  @Test func onlyTheNewestRowsAreListedAndAllAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = Repository.path("pipelines/card-fraud.yaml")
    let all = try WhyAnswer.of(path, "54142", in: folder).features(of: "customer")
    let few = try WhyAnswer.of(path, "54142", ["--rows", "3"], in: folder).features(of: "customer")
    for (all, few) in zip(all, few) {
      #expect(few.rows == all.rows && all.rows == all.listed.count)
      #expect(few.listed.map(\.time) == all.listed.suffix(3).map(\.time))
    }
  }

  @Test func theReadingsOfAnHourAreThoseOfTheRowThatItsWindowLeft() throws {
    let folder = try TemporaryFolder()
    let answer = try WhyAnswer.of(Repository.path("pipelines/sensor-hours.yaml"), "20000", in: folder)
    #expect(answer.origin?.contains("ended in a window of 'hour'") == true && answer.column == "reading_id")
    let hour = try answer.features(of: "hour")
    let readings = try #require(hour.first)
    #expect(readings.value == .number(Double(readings.listed.count)) && readings.listed.count > 1)
    #expect(readings.listed.contains { $0.row["reading_id"] == .number(20_000) })
    let warmest = hour[3].listed.compactMap { $0.values[0].number }.max()
    #expect(hour[3].name == "warmest" && hour[3].value.number == warmest)
    let day = try answer.features(of: "day")
    #expect(day[0].value == .number(Double(day[0].listed.count)) && day[0].listed.count > 12)
    #expect(answer.stages.map(\.stage) == ["hour", "day", "score", "alarms"])
  }

  @Test func aRowInSeveralWindowsLeadsToTheFirst() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "readings.csv",
      """
      id,at,device,x
      1,2026-01-01 10:00:00,1,3
      2,2026-01-01 10:20:00,1,9
      3,2026-01-01 11:10:00,1,7
      4,2026-01-01 10:00:00,1,8

      """
    )
    let path = try folder.write(
      "hours.yaml",
      """
      pipeline: hours
      stages:
        in:
          source:
            csv: readings.csv
            time: at
            out_of_order: 1m
            columns: { id: int64, at: timestamp, device: int64, x: int64 }
        hours:
          from: in
          window:
            key: device
            hopping: { length: 3h, every: 1h }
            features: { first: first(x), large: count where x > 5 }
        out:
          from: hours
          sink: { stdout: jsonl }
        late:
          from: in.late
          sink: { file: late.jsonl }
      """
    )
    let answer = try WhyAnswer.of(path, "2", in: folder)
    #expect(answer.id == "2" && answer.occurrences == 3)
    #expect(answer.row["window_end"] == .text("2026-01-01T11:00:00Z"))
    let features = try answer.features(of: "hours")
    #expect(features.map(\.value) == [.number(3), .number(1)])
    #expect(features.map { $0.listed.map { $0.row["id"] } } == [[.number(1), .number(2)], [.number(2)]])
    #expect(features[0].from == .init(time: "2026-01-01T08:00:00Z", included: true))
    #expect(features[0].to == .init(time: "2026-01-01T11:00:00Z", included: false))
    let late = try WhyAnswer.of(path, "4", in: folder)
    #expect(late.stages.map(\.stage) == ["late"])
  }

  @Test func aCopyIsExplainedByTheWayThatItCame() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "ways.yaml",
      """
      pipeline: ways
      stages:
        in:
          source:
            csv: \(Self.data)
            time: tx_datetime
            columns: { transaction_id: int64, tx_datetime: timestamp, customer_id: int64, tx_amount: decimal(2) }
        large:
          from: in
          where: tx_amount > 100
          window: { key: customer_id, features: { n: count over 7d } }
        every:
          from: in
          window: { key: customer_id, features: { n: count over 7d } }
        both:
          from: [large, every]
          window: { key: customer_id, features: { m: count over 7d } }
        score:
          from: both
          score:
            rules:
              many: { when: n > 3, weight: 0.3 }
              some: { when: n <= 3, weight: 0.4 }
        out:
          from: score
          sink: { stdout: jsonl }
      """
    )
    let answer = try WhyAnswer.of(path, "54142", in: folder)
    #expect(answer.occurrences == 1 && answer.copies == 2)
    #expect(answer.stages.map(\.stage) == ["large", "both", "score", "out"])
    let (one, both) = (try answer.features(of: "large")[0], try answer.features(of: "both")[0])
    #expect(
      one.value == .number(3) && one.listed.count == 3
        && one.listed.allSatisfy { $0.row["tx_amount"]?.number ?? 0 > 100 }
    )
    // Of the row itself the first copy alone.
    #expect(both.value == .number(Double(both.listed.count)))
    #expect(both.listed.count { $0.row["transaction_id"] == .number(54142) } == 1)
    #expect(answer.stages[2].rules?.map(\.holds) == [false, true] && answer.stages[2].score == .number(0.4))
  }
}

extension NaiveFeature {
  var isDecayed: Bool {
    switch function {
    case .decayedSum, .decayedMean, .decayedCount: true
    default: false
    }
  }

  /// The rows of a window that take part: of most functions those with a value.
  func counted(_ rows: [Row]) -> [Row] {
    switch function {
    case .first, .last, .timeSinceLast, .speed, .sequence: window(rows)
    default: window(rows).filter { row in inputs.allSatisfy { $0.value(row) != .null } }
    }
  }

  /// What the function makes of the rows of a window, whatever edges that had, for a row that may be among them.
  func result(ofWindow rows: [Row], at row: Row) -> NaiveResult {
    var plain = self
    plain.older = .unbounded
    plain.retention = .max
    switch function {
    case .decayedSum, .decayedMean, .decayedCount, .timeSinceLast, .speed:
      // They look at the row itself too, and at how long ago the others were.
      return plain.result(rows.filter { $0 != row } + [row])
    case .sequence:
      plain.older = older
      return plain.result(rows)
    default:
      // All rows before one that is none of them.
      plain.newer = .beforeThisRow
      return plain.result(rows + [Row(time: row.time, ordinal: .max, values: row.values)])
    }
  }
}

extension WhyAnswer.Scalar {
  func isAccepted(by expected: NaiveResult, unit: Int64) -> Bool {
    switch (expected.value, self) {
    case (.null, .null): true
    case (.text(let one), .text(let other)): one == other
    case (.bool(let one), .truth(let other)): one == other
    case (.int(let one), .number(let other)): other == Double(one) / Double(unit)
    case (.float, .number(let other)): expected.accepts(.float(other))
    default: false
    }
  }
}
