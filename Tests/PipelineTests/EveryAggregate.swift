import Foundation
import TestSupport
import Testing

/// A pipeline with every function that a window has, on the shipped data, and what each feature is by its definition.
enum EveryAggregate {
  /// A feature as the pipeline has it, and as the naive model does.
  struct Feature: Sendable {
    let text: String
    let definition: NaiveFeature

    init(_ text: String, _ definition: NaiveFeature) {
      self.text = text
      self.definition = definition
    }
  }

  static let (hour, day): (Int64, Int64) = (3_600_000_000, 86_400_000_000)
  static let retention = 40 * day

  /// Of the rows as the model sees them.
  static let (customer, amount, fraud, terminal, kind) = (0, 1, 2, 3, 4)

  private static func column(_ index: Int) -> NaiveFeature.Input {
    NaiveFeature.Input(unit: index == amount ? 100 : 1) { $0.values[index] }
  }

  private static func truth(_ holds: @escaping @Sendable (Row) -> Bool) -> NaiveFeature.Input {
    NaiveFeature.Input { .bool(holds($0)) }
  }

  private static func number(_ row: Row, _ index: Int) -> Int64 {
    if case .int(let value) = row.values[index] { value } else { 0 }
  }

  private static func feature(
    _ text: String,
    _ function: NaiveFeature.Function,
    _ inputs: [NaiveFeature.Input] = [],
    after newer: NaiveFeature.Newer = .age(0),
    until older: NaiveFeature.Older = .unbounded,
    otherwise: Value = .null,
    resolution: Int64? = nil
  ) -> Feature {
    Feature(
      text,
      NaiveFeature(
        function,
        inputs: inputs,
        newer: newer,
        older: older,
        retention: retention,
        otherwise: otherwise,
        resolution: resolution
      )
    )
  }

  /// Amounts below 20.00, null otherwise.
  private static let small = NaiveFeature.Input(unit: 100) { number($0, amount) < 2000 ? $0.values[amount] : .null }

  private static let place = [
    NaiveFeature.Input { .int(number($0, terminal) % 160 - 80) },
    NaiveFeature.Input { .int(number($0, terminal) % 350 - 175) },
  ]

  /// Of each customer.
  static let ofCustomers: [Feature] = [
    feature("count over 1d", .count, until: .age(day)),
    feature("count over last 7 rows excluding ties", .count, after: .age(1), until: .rows(7)),
    feature("count over 7d left closed delayed 24h", .count, after: .age(day), until: .age(8 * day + 1)),
    feature("count over 7d where tx_amount < 20", .count, [small], until: .age(7 * day)),
    feature("sum(tx_amount) over 7d", .sum, [column(amount)], until: .age(7 * day)),
    feature(
      "sum(tx_amount) over 3d excluding this row where tx_amount < 20 else 0",
      .sum,
      [small],
      after: .beforeThisRow,
      until: .age(3 * day),
      otherwise: .int(0)
    ),
    feature("mean(tx_amount) over last 10 rows", .mean, [column(amount)], until: .rows(10)),
    feature("stddev(tx_amount) over 7d", .stddev, [column(amount)], until: .age(7 * day)),
    feature(
      "stddev(tx_amount) over last 5 rows excluding this row else -1",
      .stddev,
      [column(amount)],
      after: .beforeThisRow,
      until: .rows(5),
      otherwise: .float(-1)
    ),
    feature("min(tx_amount) over 7d", .min, [column(amount)], until: .age(7 * day)),
    feature(
      "max(tx_amount) over last 20 rows delayed 6h",
      .max,
      [column(amount)],
      after: .age(6 * hour),
      until: .rows(20)
    ),
    feature("first(terminal_id) over 2d", .first, [column(terminal)], until: .age(2 * day)),
    feature("last(kind) over 7d delayed 1h", .last, [column(kind)], after: .age(hour), until: .age(7 * day + hour)),
    feature("previous(terminal_id)", .last, [column(terminal)], after: .beforeThisRow),
    feature("time_since_last", .timeSinceLast, after: .beforeThisRow),
    feature(
      "time_since_last over 1h excluding ties else 3600",
      .timeSinceLast,
      after: .age(1),
      until: .age(hour),
      otherwise: .float(3600)
    ),
    feature("rate over 12h", .rate(width: 12 * hour), until: .age(12 * hour)),
    feature("distinct(terminal_id) over 7d", .distinct, [column(terminal)], until: .age(7 * day)),
    feature("distinct(kind) over last 4 rows", .distinct, [column(kind)], until: .rows(4)),
    feature("top(terminal_id) over 14d", .top, [column(terminal)], until: .age(14 * day)),
    feature("top(kind) over 1d excluding this row", .top, [column(kind)], after: .beforeThisRow, until: .age(day)),
    feature("top_share(kind) over 7d", .topShare, [column(kind)], until: .age(7 * day)),
    feature("entropy(terminal_id) over 14d", .entropy, [column(terminal)], until: .age(14 * day)),
    feature("quantile(tx_amount, 0.5) over 14d", .quantile(0.5), [column(amount)], until: .age(14 * day)),
    feature("quantile(tx_amount, 0.95) over last 50 rows", .quantile(0.95), [column(amount)], until: .rows(50)),
    feature("decayed_count half_life 1d", .decayedCount(halfLife: day)),
    feature(
      "decayed_sum(tx_amount) half_life 6h excluding this row",
      .decayedSum(halfLife: 6 * hour),
      [column(amount)],
      after: .beforeThisRow
    ),
    feature(
      "decayed_mean(tx_amount) half_life 2d delayed 1d else 0",
      .decayedMean(halfLife: 2 * day),
      [column(amount)],
      after: .age(day),
      otherwise: .float(0)
    ),
    feature("speed_kmh(terminal_id % 160 - 80, terminal_id % 350 - 175)", .speed, place, after: .beforeThisRow),
    feature(
      "sequence(2 times tx_amount < 20 then tx_amount > 60) over 3d",
      .sequence,
      [truth { number($0, amount) < 2000 }, truth { number($0, amount) < 2000 }, truth { number($0, amount) > 6000 }],
      until: .age(3 * day)
    ),
    feature("count over 7d resolution 1d", .count, until: .age(7 * day), resolution: day),
    feature(
      "sum(tx_amount) over 3d excluding this row resolution 1d where tx_amount < 20 else 0",
      .sum,
      [small],
      after: .beforeThisRow,
      until: .age(3 * day),
      otherwise: .int(0),
      resolution: day
    ),
    feature(
      "mean(tx_amount) over 2d delayed 36h resolution 1d",
      .mean,
      [column(amount)],
      after: .age(36 * hour),
      until: .age(84 * hour),
      resolution: day
    ),
    feature(
      "stddev(tx_amount) over 5d resolution 1d",
      .stddev,
      [column(amount)],
      until: .age(5 * day),
      resolution: day
    ),
    feature("min(tx_amount) over 7d resolution 1d", .min, [column(amount)], until: .age(7 * day), resolution: day),
    feature("rate over 2d resolution 1d", .rate(width: 2 * day), until: .age(2 * day), resolution: day),
    feature(
      "distinct(terminal_id, exact 3) over 7d resolution 1d",
      .distinctUpTo(exact: 3),
      [column(terminal)],
      until: .age(7 * day),
      resolution: day
    ),
  ]

  /// Of each kind of row, a text of which there are few: hot keys.
  static let ofKinds: [Feature] = [
    feature(
      "mean(tx_fraud) over 7d delayed 7d else 0",
      .mean,
      [column(fraud)],
      after: .age(7 * day),
      until: .age(14 * day),
      otherwise: .float(0)
    ),
    feature("max(tx_amount) over 1h", .max, [column(amount)], until: .age(hour)),
    feature("distinct(customer_id) over 1h", .distinct, [column(customer)], until: .age(hour)),
    feature("top(customer_id) over last 300 rows", .top, [column(customer)], until: .rows(300)),
    feature("entropy(customer_id) over 2h", .entropy, [column(customer)], until: .age(2 * hour)),
    feature("quantile(tx_amount, 0.9) over 6h", .quantile(0.9), [column(amount)], until: .age(6 * hour)),
    feature("stddev(tx_amount) over 6h", .stddev, [column(amount)], until: .age(6 * hour)),
    feature(
      "mean(tx_fraud) over 7d delayed 7d resolution 1h else 0",
      .mean,
      [column(fraud)],
      after: .age(7 * day),
      until: .age(14 * day),
      otherwise: .float(0),
      resolution: hour
    ),
    feature(
      "max(tx_amount) over 6h delayed 90m resolution 1h",
      .max,
      [column(amount)],
      after: .age(hour * 3 / 2),
      until: .age(hour * 15 / 2),
      resolution: hour
    ),
    feature(
      "distinct(customer_id, exact 50) over 6h resolution 1h",
      .distinctUpTo(exact: 50),
      [column(customer)],
      until: .age(6 * hour),
      resolution: hour
    ),
  ]

  static var pipeline: String {
    func lines(_ features: [Feature], _ prefix: String) -> String {
      features.enumerated().map { "        \(prefix)\($0): \($1.text)\n" }.joined()
    }
    return """
      pipeline: every-aggregate
      stages:
        transactions:
          source:
            csv: \(Repository.path("datasets/card-transactions.csv"))
            time: tx_datetime
            columns:
              transaction_id: int64
              tx_datetime: timestamp
              customer_id: int64
              terminal_id: int64
              tx_amount: decimal(2)
              tx_fraud: int64
          compute:
            kind: if tx_amount > 100 then 'a large amount' else if tx_amount > 50 then 'mid' else 'small'
        customer:
          from: transactions
          window:
            key: customer_id
            retention: 40d
            features:
      \(lines(ofCustomers, "c"))
        kind:
          from: customer
          window:
            key: kind
            retention: 40d
            features:
      \(lines(ofKinds, "k"))
        alerts:
          from: kind
          sink:
            stdout: jsonl
      """
  }

  /// The first rows of the shipped data.
  static func rows(_ count: Int) throws -> [Row] {
    let text = try String(contentsOfFile: Repository.path("datasets/card-transactions.csv"), encoding: .utf8)
    let format = Date.ISO8601FormatStyle(dateTimeSeparator: .space).year().month().day().dateTimeSeparator(.space)
      .time(includingFractionalSeconds: false)
    return try text.split(separator: "\n").dropFirst().prefix(count).enumerated().map { ordinal, line in
      let fields = line.split(separator: ",").map(String.init)
      let whole = try #require(Double(fields[4])) * 100
      let cents = Int64(whole.rounded())
      let kind = cents > 10_000 ? "a large amount" : cents > 5000 ? "mid" : "small"
      let seconds = try format.parse(fields[1]).timeIntervalSince1970
      return Row(
        time: Int64(seconds) * 1_000_000,
        ordinal: UInt64(ordinal),
        values: [
          .int(try #require(Int64(fields[2]))), .int(cents), .int(try #require(Int64(fields[5]))),
          .int(try #require(Int64(fields[3]))), .text(kind),
        ]
      )
    }
  }
}
