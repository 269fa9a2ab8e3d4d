import Expressions
import Records
import TestSupport
import WindowStage

/// Windows of all kinds by their definition: for each row, every earlier row of its key is looked at again.
struct RecomputedWindows {
  let plan: WindowPlan
  /// The inputs' values for a row.
  let inputs: (Row) -> [Value]
  private var seen: [Row] = []

  init(_ plan: WindowPlan, _ inputs: @escaping (Row) -> [Value]) {
    self.plan = plan
    self.inputs = inputs
  }

  mutating func process(_ row: Row) -> [Value] {
    seen.append(row)
    let rows = seen.filter { $0.values[plan.key] == row.values[plan.key] }
    return plan.aggregates.map { value(of: $0, rows) ?? otherwise($0) }
  }

  private func otherwise(_ aggregate: WindowAggregate) -> Value {
    switch aggregate.otherwise {
    case .integer(let value)?: .int(value)
    case .float(let value)?: .float(value)
    case nil: .null
    }
  }

  /// Nil: no value.
  private func value(of aggregate: WindowAggregate, _ rows: [Row]) -> Value? {
    let now = rows[rows.count - 1].time
    var newer = rows.count - 1
    if case .age(let age) = aggregate.newer { newer = rows.count { now - $0.time >= age } }
    var older: Int
    switch aggregate.older {
    case .age(let age): older = rows.count { now - $0.time >= age }
    case .rows(let most): older = min(newer, max(newer - most, rows.count { now - $0.time >= plan.retention }))
    case .unbounded: older = aggregate.isDecayed ? 0 : min(newer, rows.count { now - $0.time >= plan.retention })
    }
    if let resolution = aggregate.resolution {
      // The cells of the edges, and the rows before these.
      func cell(_ time: Int64) -> Int64 { Int64((Double(time) / Double(resolution)).rounded(.down)) }
      if case .age(let age) = aggregate.newer, age > 0 { newer = rows.count { cell($0.time) < cell(now - age) } }
      if case .age(let age) = aggregate.older { older = rows.count { cell($0.time) < cell(now - age) } }
    }
    let members = Array(rows[older..<newer])
    func input(_ row: Row, _ place: Int = 0) -> Value { inputs(row)[aggregate.inputs[place]] }
    let values = aggregate.inputs.isEmpty ? [] : members.map { input($0) }.filter { $0 != .null }
    let count = aggregate.inputs.isEmpty ? members.count : values.count
    let numbers = values.compactMap(\.exact)
    let unit = aggregate.inputs.first.map { plan.inputs[$0].type.naiveUnit } ?? 1
    let sum = numbers.reduce(Int128(0)) { $0 + Int128($1) }
    switch aggregate.function {
    case .count: return .int(Int64(count))
    case .rate(let width): return .float(Double(count * 1_000_000) / Double(width))
    case .sum: return values.isEmpty ? nil : Int64(exactly: sum).map { .int($0) } ?? .null
    case .mean: return values.isEmpty ? nil : .float(Double(sum) / Double(Int64(count) * unit))
    case .stddev:
      guard count >= 2 else { return nil }
      let squares = numbers.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
      let spread = Double(squares * Int128(count) - sum * sum)
      return .float((spread / Double(count * (count - 1))).squareRoot() / Double(unit))
    case .min: return values.min { Value.isLess($0, $1) }.map(\.number)
    case .max: return values.max { Value.isLess($0, $1) }.map(\.number)
    case .first: return members.first.flatMap { input($0) == .null ? nil : input($0) }
    case .last: return members.last.flatMap { input($0) == .null ? nil : input($0) }
    case .timeSinceLast: return members.last.map { .float(Double(now - $0.time) / 1_000_000) }
    case .distinct: return .int(Int64(Set(values).count))
    case .distinctUpTo(let exact):
      let different = Set(values)
      if different.count <= exact { return .int(Int64(different.count)) }
      return .int(max(NaiveSketch.estimate(different), Int64(exact) + 1))
    case .top: return Self.top(values)?.value
    case .topShare: return Self.top(values).map { .float(Double($0.count) / Double(count)) }
    case .entropy:
      guard count > 0 else { return nil }
      if Set(values).count == 1 { return .float(0) }
      let scaled = Dictionary(grouping: values) { $0 }.values.reduce(Int64(0)) {
        $0 + Int64((Double($1.count) * Elementary.ln(Double($1.count)) * 4_294_967_296).rounded())
      }
      return .float(Elementary.ln(Double(count)) - Double(scaled) / (4_294_967_296 * Double(count)))
    case .quantile(let q):
      let ordered = values.map { $0.double(unit) }.sorted()
      return ordered.isEmpty ? nil : .float(ordered[max(Int((q * Double(count)).rounded(.up)), 1) - 1])
    case .decayedSum(let halfLife), .decayedMean(let halfLife), .decayedCount(let halfLife):
      return decayed(aggregate, members.filter { aggregate.inputs.isEmpty || input($0) != .null }, halfLife, now, unit)
    case .speed:
      guard let last = members.last, last.time < now else { return nil }
      let row = rows[rows.count - 1]
      let places = [input(last, 0), input(last, 1), input(row, 0), input(row, 1)]
      guard !places.contains(.null) else { return nil }
      let units = aggregate.inputs.map { plan.inputs[$0].type.naiveUnit }
      let degrees = zip(places, units + units).map { $0.double($1) }
      let distance = GreatCircle.kilometres(degrees[0], degrees[1], degrees[2], degrees[3])
      return .float(distance / (Double(now - last.time) / 3_600_000_000))
    case .sequence: return .bool(isEnded(aggregate, rows))
    }
  }

  private func decayed(
    _ aggregate: WindowAggregate,
    _ members: [Row],
    _ halfLife: Int64,
    _ now: Int64,
    _ unit: Int64
  ) -> Value? {
    var (sum, weight, time) = (0.0, 0.0, Int64.min)
    func left(_ now: Int64) -> Double {
      weight == 0 || now - time >= 64 * halfLife
        ? 0 : now == time ? 1 : Elementary.exp2(-(Double(now - time) / Double(halfLife)))
    }
    for row in members {
      let value = aggregate.inputs.isEmpty ? 1 : inputs(row)[aggregate.inputs[0]].double(unit)
      let left = left(row.time)
      sum = left == 0 ? value : sum * left + value
      weight = left == 0 ? 1 : weight * left + 1
      time = row.time
    }
    var age: Int64 = 0
    if case .age(let newer) = aggregate.newer { age = newer }
    let left = left(now - age)
    if case .decayedCount = aggregate.function { return .float(left == 0 ? 0 : weight * left) }
    guard left > 0 else { return nil }
    if case .decayedSum = aggregate.function { return .float(sum * left) }
    return .float((sum * left) / (weight * left))
  }

  /// Goes back from the last row, each step at the newest row before that of the next step for which it holds.
  private func isEnded(_ aggregate: WindowAggregate, _ rows: [Row]) -> Bool {
    guard case .age(let width) = aggregate.older else { return false }
    let now = rows[rows.count - 1].time
    var row = rows.count - 1
    guard inputs(rows[row])[aggregate.inputs[aggregate.inputs.count - 1]] == .bool(true) else { return false }
    for step in aggregate.inputs.dropLast().reversed() {
      guard let before = rows[..<row].lastIndex(where: { inputs($0)[step] == .bool(true) }) else { return false }
      row = before
    }
    return now - rows[row].time < width
  }

  private static func top(_ values: [Value]) -> (value: Value, count: Int)? {
    let counts = Dictionary(grouping: values) { $0 }.mapValues(\.count)
    return counts.min { $0.value != $1.value ? $0.value > $1.value : Value.isLess($0.key, $1.key) }
      .map { ($0.key, $0.value) }
  }
}

extension WindowAggregate {
  var isDecayed: Bool {
    switch function {
    case .decayedSum, .decayedMean, .decayedCount: true
    default: false
    }
  }
}

extension ColumnType {
  var naiveUnit: Int64 { if case .decimal(let scale) = self { DecimalText.powerOfTen(scale) } else { 1 } }
}

extension Value {
  /// The integer of an exact number.
  var exact: Int64? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// A bool as a number.
  var number: Value { if case .bool(let value) = self { .int(value ? 1 : 0) } else { self } }

  func double(_ unit: Int64) -> Double {
    if case .float(let value) = self { value } else { Double(exact ?? 0) / Double(unit) }
  }

  static func isLess(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.float(let left), .float(let right)): left < right
    case (.text(let left), .text(let right)): Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
    default: (left.exact ?? 0) < (right.exact ?? 0)
    }
  }
}
