internal import Expressions
internal import Records

/// Gives each value, amount and window of cells its words.
struct CellLayoutBuilder {
  private let plan: WindowPlan
  private let aggregates: [WindowAggregate]
  private(set) var values: [WindowLayout.Value] = []
  let ages: [Int64]
  private(set) var parts: [CellLayout.Part] = []
  /// The first counts rows.
  private(set) var amountWords = 1
  private(set) var bests: [BestValue] = []
  private(set) var extremes: [CellLayout.Extreme] = []
  private(set) var sets: [CellSet] = []
  /// The older edges of the windows of each set.
  private(set) var windowEdges: [[Int]] = []
  private(set) var nextWord = 0

  init(_ plan: WindowPlan) {
    self.plan = plan
    aggregates = plan.aggregates.filter { $0.resolution != nil }
    ages = Set([0] + aggregates.flatMap { [$0.newerAge, $0.olderAge] }).sorted()
    for aggregate in aggregates { addParts(aggregate) }
    nextWord = CellLayout.amountWord + ages.count * (amountWords + 1) - 1
    addSets()
  }

  /// A set has all its windows before it has its words.
  private mutating func addSets() {
    var known: [(value: Int, exact: Int)] = []
    for aggregate in aggregates {
      guard case .distinctUpTo(let exact) = aggregate.function else { continue }
      let value = self.value(aggregate.inputs[0])
      let set = known.firstIndex { $0 == (value, exact) } ?? known.count
      if set == known.count {
        known.append((value, exact))
        windowEdges.append([])
      }
      let edge = self.edge(aggregate.olderAge)
      if !windowEdges[set].contains(edge) { windowEdges[set].append(edge) }
    }
    var border = ages.count
    for ((value, exact), edges) in zip(known, windowEdges) {
      let set = CellSet(
        value: value,
        type: values[value].type,
        exact: exact,
        word: nextWord,
        windows: edges.count,
        firstBorder: border,
        longest: border + (edges.firstIndex(of: edges.max() ?? 0) ?? 0)
      )
      sets.append(set)
      border += edges.count
      nextWord += set.words
    }
  }

  private mutating func addParts(_ aggregate: WindowAggregate) {
    guard let input = aggregate.inputs.first else { return }
    let value = self.value(input)
    if case .distinctUpTo = aggregate.function { return }
    if plan.inputs[input].isNullable { addPart(.count, value) }
    switch aggregate.function {
    case .sum, .mean: addPart(.sum, value)
    case .stddev:
      addPart(.sum, value)
      addPart(.squares, value)
    case .min, .max:
      let best = self.best(value, aggregate.function)
      if !bests.contains(best) { bests.append(best) }
    default: break
    }
  }

  private func best(_ value: Int, _ function: WindowAggregate.Function) -> BestValue {
    BestValue(value: value, isLeast: function == .min, isFloat: values[value].type == .float64)
  }

  private mutating func addPart(_ kind: CellLayout.Part.Kind, _ value: Int) {
    guard part(kind, value) == nil else { return }
    parts.append(CellLayout.Part(kind: kind, value: value, word: amountWords))
    amountWords += kind.words
  }

  private func part(_ kind: CellLayout.Part.Kind, _ value: Int) -> Int? {
    parts.first { $0.kind == kind && $0.value == value }?.word
  }

  private mutating func value(_ input: Int) -> Int {
    if let known = values.firstIndex(where: { $0.input == input }) { return known }
    values.append(WindowLayout.Value(input, plan.inputs[input]))
    return values.count - 1
  }

  private func edge(_ age: Int64) -> Int { ages.firstIndex(of: age) ?? 0 }

  mutating func results() -> [CellResult] { aggregates.map { result($0) } }

  private mutating func result(_ aggregate: WindowAggregate) -> CellResult {
    let (newer, older) = (edge(aggregate.newerAge), edge(aggregate.olderAge))
    let value = aggregate.inputs.first.map { self.value($0) }
    let type = value.map { values[$0].type } ?? .int64
    func amount(_ edge: Int) -> Int { CellLayout.amountWord + edge * (amountWords + 1) }
    var result = CellResult(aggregate, newer: amount(newer), older: amount(older), unit: type.unit)
    if let value {
      result.count = part(.count, value) ?? 0
      result.sum = part(.sum, value) ?? 0
      result.squares = part(.squares, value) ?? 0
    }
    switch aggregate.function {
    case .min, .max:
      result.place = extreme(best(value ?? 0, aggregate.function), newer, older)
    case .distinctUpTo(let exact):
      result.place = sets.firstIndex { $0.value == value && $0.exact == exact } ?? 0
      result.window = windowEdges[result.place].firstIndex(of: older) ?? 0
    default: break
    }
    return result
  }

  private mutating func extreme(_ best: BestValue, _ newer: Int, _ older: Int) -> Int {
    let known = extremes.firstIndex { $0.best == best && $0.newer == newer && $0.older == older }
    if let known { return known }
    let cellWord = CellLayout.firstWord + amountWords + (bests.firstIndex(of: best) ?? 0)
    extremes.append(CellLayout.Extreme(best: best, cellWord: cellWord, newer: newer, older: older, word: nextWord))
    nextWord += 2
    return extremes.count - 1
  }
}

extension WindowAggregate {
  /// The age at which rows enter; this row's exclusion is no age.
  fileprivate var newerAge: Int64 { if case .age(let age) = newer { age } else { 0 } }
  fileprivate var olderAge: Int64 { if case .age(let age) = older { age } else { 0 } }
}
