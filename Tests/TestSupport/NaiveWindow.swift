extension NaiveFeature {
  /// What the feature is at the last of `rows`, which are all of its key.
  package func result(_ rows: [Row]) -> NaiveResult {
    let row = rows[rows.count - 1]
    switch function {
    case .decayedSum(let time), .decayedMean(let time), .decayedCount(let time): return decayed(rows, halfLife: time)
    case .sequence: return NaiveResult(.bool(endsSequence(rows)))
    case .timeSinceLast, .speed: return filled(sinceLast(window(rows).last, row))
    default: return filled(aggregate(window(rows)))
    }
  }

  /// - Parameter result: nil where no value comes out.
  private func filled(_ result: NaiveResult?) -> NaiveResult { result ?? NaiveResult(otherwise) }

  /// The rows that have passed the newer edge.
  func entered(_ rows: [Row]) -> [Row] {
    let now = rows[rows.count - 1].time
    return switch newer {
    case .age(let age): rows.filter { age == 0 || isBefore($0, now - age + (resolution == nil ? 1 : 0)) }
    case .beforeThisRow: Array(rows.dropLast())
    }
  }

  /// Those of them that have not passed the older.
  package func window(_ rows: [Row]) -> [Row] {
    let now = rows[rows.count - 1].time
    let entered = entered(rows)
    return entered.enumerated().filter { index, row in
      guard now - row.time < retention else { return false }
      return switch older {
      case .age(let age): !isBefore(row, now - age + (resolution == nil ? 1 : 0))
      case .rows(let count): entered.count - index <= count
      case .unbounded: true
      }
    }.map(\.element)
  }

  /// Whether a row is before a time, or before the cell that it is in.
  private func isBefore(_ row: Row, _ time: Int64) -> Bool {
    guard let resolution else { return row.time < time }
    func cell(_ time: Int64) -> Double { (Double(time) / Double(resolution)).rounded(.down) }
    return cell(row.time) < cell(time)
  }

  // MARK: Whole windows

  private func aggregate(_ rows: [Row]) -> NaiveResult? {
    let values = rows.map { row in inputs.first.map { $0.value(row) } ?? .bool(true) }
    let there = values.filter { $0 != .null }
    switch function {
    case .count: return NaiveResult(.int(Int64(there.count)))
    case .rate(let width):
      let rate = Double(there.count) / (Double(width) / 1e6)
      return NaiveResult(.float(rate), within: rate * 1e-15)
    case .first: return NaiveResult(ofValue: values.first)
    case .last: return NaiveResult(ofValue: values.last)
    case .distinct: return NaiveResult(.int(Int64(Set(there.map(\.identity)).count)))
    case .distinctUpTo(let exact):
      let count = Set(there.map(\.identity)).count
      return NaiveResult(.int(count <= exact ? Int64(count) : max(NaiveSketch.estimate(there), Int64(exact) + 1)))
    case .top, .topShare, .entropy: return byFrequency(there)
    case .min: return NaiveResult(ofValue: there.map(\.number).min { $0.isBelow($1) })
    case .max: return NaiveResult(ofValue: there.map(\.number).max { $0.isBelow($1) })
    default: return numeric(there)
    }
  }

  private func byFrequency(_ values: [Value]) -> NaiveResult? {
    var counts: [[UInt8]: Int] = [:]
    for value in values { counts[value.identity, default: 0] += 1 }
    guard let most = counts.values.max() else { return nil }
    switch function {
    case .top: return NaiveResult(ofValue: values.filter { counts[$0.identity] == most }.min { $0.isBelow($1) })
    case .topShare: return NaiveResult(.float(Double(most) / Double(values.count)))
    default:
      let shares = counts.values.map { Double($0) / Double(values.count) }
      let entropy = shares.sorted().reduce(0) { $0 - $1 * NaiveMath.ln($1) }
      // Each count's part is rounded to 2^-32 of a nat and then divided by all rows.
      return NaiveResult(.float(counts.count == 1 ? 0 : entropy), within: counts.count == 1 ? 0 : 3e-10)
    }
  }

  private func numeric(_ values: [Value]) -> NaiveResult? {
    guard !values.isEmpty else { return nil }
    let unit = inputs[0].unit
    if case .quantile(let q) = function {
      let sorted = values.map { $0.double(unit) }.sorted()
      let value = sorted[max(1, Int((q * Double(sorted.count)).rounded(.up))) - 1]
      return NaiveResult(.float(value), within: abs(value) * 0.010_000_001)
    }
    let integers = values.map { Int128($0.integer) }
    let sum = integers.reduce(0, +)
    switch function {
    // One that does not fit is null, whatever an empty window gives.
    case .sum: return NaiveResult(Int64(exactly: sum).map { .int($0) } ?? .null)
    case .mean: return NaiveResult(.float(Double(sum) / Double(Int64(values.count) * unit)))
    default:
      guard values.count > 1 else { return nil }
      // Small differences of large numbers are taken exactly first.
      let differences = integers.map { Double($0 - integers[0]) }
      let mean = differences.reduce(0, +) / Double(values.count)
      let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(values.count - 1)).squareRoot() / Double(unit)
      return NaiveResult(.float(deviation), within: deviation * 1e-12)
    }
  }

  // MARK: Single rows

  private func sinceLast(_ last: Row?, _ row: Row) -> NaiveResult? {
    guard let last else { return nil }
    let passed = row.time - last.time
    if function == .timeSinceLast { return NaiveResult(.float(Double(passed) / 1e6)) }
    let places = [last, row].map { row in inputs.map { ($0.value(row), $0.unit) } }
    guard passed > 0, !places.joined().contains(where: { $0.0 == .null }) else { return nil }
    let (from, to) = (places[0].map { $0.0.double($0.1) }, places[1].map { $0.0.double($0.1) })
    guard let distance = NaiveMath.kilometres(from[0], from[1], to[0], to[1]) else { return nil }
    let speed = distance / (Double(passed) / 3_600_000_000)
    // Near the other side of the Earth half the digits are lost.
    return NaiveResult(.float(speed), within: speed * (distance > 19_000 ? 1e-6 : 1e-9))
  }

  private func decayed(_ rows: [Row], halfLife: Int64) -> NaiveResult {
    var now = rows[rows.count - 1].time
    if case .age(let age) = newer { now -= age }
    let values = entered(rows).map { (time: $0.time, value: inputs.first?.value($0) ?? .bool(true)) }
    var there = values.filter { $0.value != .null }
    // Nothing is left of what came before 64 half-lives without a value.
    for place in there.indices.dropFirst().reversed() where there[place].time - there[place - 1].time >= 64 * halfLife {
      there.removeFirst(place)
      break
    }
    guard let newest = there.last?.time, now - newest < 64 * halfLife else {
      return function == .decayedCount(halfLife: halfLife) ? NaiveResult(.float(0)) : filled(nil)
    }
    var (sum, weight, magnitude, hugest) = (0.0, 0.0, 0.0, 0.0)
    for (time, value) in there {
      let share = NaiveMath.exp2(-Double(newest - time) / Double(halfLife))
      let isCount = function == .decayedCount(halfLife: halfLife)
      let number = isCount ? 1 : value.double(inputs[0].unit)
      sum += share * number
      weight += share
      magnitude += share * abs(number)
      hugest = max(hugest, abs(number))
    }
    // Once a sum did not fit, it is null for as long as anything is left of it.
    guard hugest < 1e300 else { return .anything }
    let left = NaiveMath.exp2(-Double(now - newest) / Double(halfLife))
    return switch function {
    case .decayedCount: NaiveResult(.float(weight * left), within: weight * left * 1e-12)
    case .decayedSum: NaiveResult(.float(sum * left), within: magnitude * left * 1e-12 + .leastNormalMagnitude)
    default: NaiveResult(.float(sum / weight), within: magnitude / weight * 1e-12 + .leastNormalMagnitude)
    }
  }

  /// Whether rows in the window, the last of them this one, hold for one input after the other.
  private func endsSequence(_ rows: [Row]) -> Bool {
    let row = rows[rows.count - 1]
    guard case .age(let age) = older else { return false }
    func holds(_ step: Int, _ place: Int) -> Bool { inputs[step].value(rows[place]) == .bool(true) }
    guard holds(inputs.count - 1, rows.count - 1) else { return false }
    if inputs.count == 1 { return true }
    // From every first row on, the next conditions are met as early as they can be.
    return rows.indices.dropLast().contains { start in
      guard row.time - rows[start].time < age, holds(0, start) else { return false }
      var place = start + 1
      for step in 1..<(inputs.count - 1) {
        while place < rows.count - 1, !holds(step, place) { place += 1 }
        place += 1
      }
      return place <= rows.count - 1
    }
  }
}

extension Value {
  /// A truth as a number.
  var number: Value { if case .bool(let value) = self { .int(value ? 1 : 0) } else { self } }

  /// The same bytes for the same value; a text is not compared as Unicode has it, and -0 is 0.
  var identity: [UInt8] {
    switch self {
    case .null: []
    case .bool(let value): [value ? 1 : 0]
    case .int(let value): Array("\(value)".utf8)
    case .float(let value): Array("\(value == 0 ? 0 : value)".utf8)
    case .text(let value): Array(value.utf8)
    }
  }

  var integer: Int64 { if case .int(let value) = number { value } else { 0 } }

  func double(_ unit: Int64) -> Double {
    if case .float(let value) = self { value } else { Double(integer) / Double(unit) }
  }

  /// Numbers by their value, texts by their bytes.
  func isBelow(_ other: Value) -> Bool {
    switch (number, other.number) {
    case (.int(let left), .int(let right)): left < right
    case (.float(let left), .float(let right)): left < right
    case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    default: false
    }
  }
}
