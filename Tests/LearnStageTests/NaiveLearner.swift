import LearnStage
import Models
import Records
import TestSupport

/// A learn stage that keeps every row and recomputes what it needs: slow, and obviously right.
struct NaiveLearner {
  private struct Past {
    let time: Int64
    let id: Value
    /// The inputs as the model took them.
    let inputs: [Double]
    let score: Double?
    /// Its own label, where it has one.
    let label: Bool?
    var waits = true
  }

  let plan: LearnPlan
  /// The inputs of all rows that were scored; nil where one is missing.
  private var seen: [[Double?]] = []
  private var past: [Past] = []
  private(set) var learned = 0
  private(set) var frauds = 0
  private(set) var silent = 0
  private(set) var unlabelled = 0
  private(set) var unmatched = 0
  /// Scores as they were given, and what was so.
  private(set) var validated: [(score: Double, isFraud: Bool)] = []
  /// The reasons of the row that was scored last; nil where it has none, or where they hang by a hair.
  private(set) var reasons: String?
  private var logistic: NaiveLogistic
  private var forest: NaiveForest?

  init(_ plan: LearnPlan) {
    self.plan = plan
    switch plan.model {
    case .logistic(let settings): logistic = NaiveLogistic(settings, plan.inputs.count)
    case .isolationForest(let settings):
      logistic = NaiveLogistic(.init(), plan.inputs.count)
      forest = NaiveForest(settings, plan.inputs.count)
    }
  }

  private func truth(_ value: Value) -> Bool? {
    switch value {
    case .int(let value): value != 0
    case .bool(let value): value
    default: nil
    }
  }

  /// What is added to a row.
  mutating func add(_ row: Row) -> Value {
    reasons = nil
    for index in past.indices where past[index].waits {
      switch plan.labels {
      case .own(_, let after): if past[index].time <= row.time - after { learn(index, past[index].label ?? false) }
      case .rows(_, _, let within, let isGenuineAfter):
        guard past[index].time <= row.time - within else { continue }
        if isGenuineAfter {
          silent += 1
          learn(index, false)
        } else {
          unlabelled += 1
          past[index].waits = false
        }
      case nil: break
      }
    }
    if case .rows(let label, let id, _, _) = plan.labels, let isFraud = truth(row.values[label]) {
      let id = row.values[id]
      guard id != .null, let index = past.lastIndex(where: { $0.waits && $0.id == id }) else {
        unmatched += 1
        return .null
      }
      learn(index, isFraud)
      return past[index].score.map { .float($0) } ?? .null
    }
    let values = plan.inputs.map { column -> Double? in
      switch (row.values[column], plan.inputSchema.fields[column].type) {
      case (.int(let value), .decimal(let scale)): Double(value) / (0..<scale).reduce(1.0) { unit, _ in unit * 10 }
      case (.int(let value), _): Double(value)
      case (.float(let value), _): abs(value) <= 1e100 ? value : nil
      case (.bool(let value), _): value ? 1 : 0
      default: nil
      }
    }
    seen.append(values)
    let inputs = forest == nil ? logistic.scaled(values, among: seen) : values.map { $0 ?? .nan }
    let score = learned >= plan.warmUp ? forest.map { $0.score(inputs) } ?? logistic.score(inputs) : nil
    if score != nil, let plan = plan.reasons { reasons = logistic.reasons(plan, inputs) }
    switch plan.labels {
    case nil:
      learned += 1
      forest?.learn(inputs)
    case .own(let label, _):
      if let label = truth(row.values[label]) {
        past.append(Past(time: row.time, id: .null, inputs: inputs, score: score, label: label))
      } else {
        unlabelled += 1
      }
    case .rows(_, let id, _, _):
      let id = row.values[id]
      if id != .null, let before = past.lastIndex(where: { $0.waits && $0.id == id }) {
        unlabelled += 1
        past[before].waits = false
      }
      past.append(Past(time: row.time, id: id, inputs: inputs, score: score, label: nil))
    }
    return score.map { .float($0) } ?? .null
  }

  private mutating func learn(_ index: Int, _ isFraud: Bool) {
    past[index].waits = false
    learned += 1
    frauds += isFraud ? 1 : 0
    if let score = past[index].score { validated.append((score, isFraud)) }
    if forest == nil {
      logistic.learn(past[index].inputs, isFraud)
    } else if !isFraud {
      forest?.learn(past[index].inputs)
    }
  }
}

/// FTRL-Proximal as the paper writes it, with every weight computed when it is read.
struct NaiveLogistic {
  private let settings: OnlineLogistic.Settings
  private var z: [Double]
  private var n: [Double]

  init(_ settings: OnlineLogistic.Settings, _ inputs: Int) {
    self.settings = settings
    z = Array(repeating: 0, count: inputs + 1)
    n = z
  }

  /// By the mean and the standard deviation of all values so far.
  func scaled(_ row: [Double?], among seen: [[Double?]]) -> [Double] {
    row.indices.map { input in
      guard let value = row[input] else { return 0 }
      let values = seen.compactMap { $0[input] }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
      return variance > 0 ? max(-10, min(10, (value - mean) / variance.squareRoot())) : 0
    }
  }

  private var weights: [Double] {
    zip(z, n).map { z, n in
      if abs(z) <= settings.l1 { return 0 }
      let sign = z < 0 ? -1.0 : 1.0
      return -1 / ((1 + n.squareRoot()) / settings.rate + settings.l2) * (z - sign * settings.l1)
    }
  }

  func score(_ inputs: [Double]) -> Double {
    1 / (1 + Elementary.exp(-zip(weights, inputs + [1]).reduce(0) { $0 + $1.0 * $1.1 }))
  }

  /// nil where equal contributions, or one at the least that counts, could go either way.
  func reasons(_ plan: ModelReasons, _ inputs: [Double]) -> String? {
    var sums = [Double](repeating: 0, count: plan.reasons.count)
    for (input, reason) in plan.reasonOfInput.enumerated() { sums[reason] += weights[input] * inputs[input] }
    let sizes = sums.map(abs).sorted() + [.infinity]
    guard sizes.allSatisfy({ abs($0 - plan.least) > 1e-6 }),
      zip(sizes, sizes.dropFirst()).allSatisfy({ $0 < 1e-6 || $1 - $0 > 1e-6 })
    else { return nil }
    let texts = sums.indices.sorted { abs(sums[$0]) > abs(sums[$1]) }.compactMap { reason -> String? in
      abs(sums[reason]) < plan.least
        ? nil : sums[reason] > 0 ? plan.reasons[reason].raises : plan.reasons[reason].lowers
    }
    return texts.prefix(plan.most).joined(separator: ";")
  }

  mutating func learn(_ inputs: [Double], _ isFraud: Bool) {
    let (p, w, x) = (score(inputs), weights, inputs + [1])
    for i in x.indices {
      let g = (p - (isFraud ? 1 : 0)) * x[i] * (isFraud ? settings.fraudWeight : 1)
      let sigma = ((n[i] + g * g).squareRoot() - n[i].squareRoot()) / settings.rate
      z[i] += g - sigma * w[i]
      n[i] += g * g
    }
  }
}

/// An isolation forest whose trees are made of boxes, with the same draws as the fast one.
struct NaiveForest {
  private indirect enum Tree {
    case end(Double)
    case split(input: Int, value: Double, left: Tree, right: Tree)

    func length(_ row: [Double]) -> Double {
      switch self {
      case .end(let length): length
      case .split(let input, let value, let left, let right): (row[input] <= value ? left : right).length(row)
      }
    }
  }

  private let settings: IsolationForest.Settings
  private let inputs: Int
  private var rows: [[Double]] = []
  private var grown: [Tree] = []

  init(_ settings: IsolationForest.Settings, _ inputs: Int) {
    self.settings = settings
    self.inputs = inputs
  }

  private func average(_ rows: Int) -> Double {
    if rows < 2 { return 0 }
    return 2 * (1..<rows).reduce(0.0) { $0 + 1 / Double($1) } - 2 * Double(rows - 1) / Double(rows)
  }

  func score(_ row: [Double]) -> Double? {
    if grown.isEmpty { return nil }
    // The last trees, each where the one stood that it took the place of.
    let count = min(grown.count, settings.trees)
    let first = grown.count - count
    let order = (0..<count).map { place in (first...).first { $0 % settings.trees == place } ?? 0 }
    let sum = order.reduce(0.0) { $0 + grown[$1].length(row) }
    return Elementary.exp2(-(sum / Double(count)) / average(settings.sample))
  }

  mutating func learn(_ row: [Double]) {
    rows.append(row)
    let interval = max(settings.recent / settings.trees, 1)
    guard rows.count >= settings.sample, (rows.count - settings.sample) % interval == 0 else { return }
    var draws = NaiveDraws(seed: settings.seed, number: UInt64(grown.count))
    // The last rows as they stand in a ring.
    let count = min(rows.count, settings.recent)
    let ring = (0..<count).map { place in rows[rows.indices.last { $0 % settings.recent == place } ?? 0] }
    var sample: [[Double]] = []
    for (place, row) in ring.enumerated() where draws.index(count - place) < settings.sample - sample.count {
      sample.append(row)
    }
    var depth = 0
    while 1 << depth < settings.sample { depth += 1 }
    grown.append(grow(sample, 0, depth, &draws))
  }

  private func grow(_ rows: [[Double]], _ level: Int, _ depth: Int, _ draws: inout NaiveDraws) -> Tree {
    let end = Tree.end(Double(level) + average(rows.count))
    guard rows.count > 1, level < depth else { return end }
    let first = draws.index(inputs)
    for input in (0..<inputs).map({ (first + $0) % inputs }) {
      let values = rows.map { $0[input] }.filter { !$0.isNaN }
      guard let least = values.min(), let greatest = values.max(), least < greatest else { continue }
      var value = least + draws.fraction() * (greatest - least)
      if value >= greatest { value = least }
      let right = grow(rows.filter { !($0[input] <= value) }, level + 1, depth, &draws)
      let left = grow(rows.filter { $0[input] <= value }, level + 1, depth, &draws)
      return .split(input: input, value: value, left: left, right: right)
    }
    return end
  }
}

/// SplitMix64, from a state that the seed and the number of the sequence make.
struct NaiveDraws {
  private var state: UInt64

  init(seed: Int64, number: UInt64) {
    state = Self.mixed(UInt64(bitPattern: seed)) ^ Self.mixed(number &+ 0x5C3A_11D6_9E0B_47F2)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func next() -> UInt64 {
    let value = Self.mixed(state)
    state &+= 0x9E37_79B9_7F4A_7C15
    return value
  }

  mutating func index(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }
  mutating func fraction() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
