internal import Expressions
internal import Records

/// Gives each value, edge and action of a plan its words.
struct LayoutBuilder {
  private let plan: WindowPlan
  private(set) var values: [WindowLayout.Value] = []
  private let summed: Int
  private let hasFlags: Bool
  private let kinds: [WindowEdge.Kind]
  private var actions: [[EdgeAction]]
  private(set) var sequences: [SequenceSteps] = []
  private(set) var sets: [ValueSet] = []
  /// The windows of which each set counts its values.
  private var windows: [[ValueWindow]] = []
  private(set) var steps: [Int] = []
  private(set) var initials: [(word: Int, value: Int64)] = []
  private var links = 0
  private(set) var nextWord = 0
  let oldestAge: UInt64
  private(set) var keyAge: UInt64

  init(_ plan: WindowPlan) {
    self.plan = plan
    // Values that are summed come first.
    let taken = plan.aggregates.filter { $0.takesValues(plan.inputs) }
    let sums = Self.unique(taken.filter(\.isSummed).flatMap(\.inputs))
    let others = Self.unique(taken.flatMap(\.inputs)).filter { !sums.contains($0) }
    values = (sums + others).map { WindowLayout.Value($0, plan.inputs[$0]) }
    summed = sums.count
    hasFlags = values.contains { plan.inputs[$0.input].isNullable }
    kinds = Self.edges(plan)
    actions = Array(repeating: [], count: kinds.count)
    guard case .age(let oldest)? = kinds.last else { preconditionFailure("no oldest edge") }
    oldestAge = oldest
    keyAge = oldest
    nextWord = shape.record(kinds.count)
  }

  var shape: AnyShape { AnyShape(values: values.count, summed: summed, hasFlags: hasFlags, derived: links) }

  /// Each edge with its actions, and all actions.
  func edges() -> ([WindowEdge], [EdgeAction]) {
    var all: [EdgeAction] = []
    var edges: [WindowEdge] = []
    for (kind, actions) in zip(kinds, actions) {
      edges.append(WindowEdge(kind: kind, actions: all.count..<all.count + actions.count))
      all += actions
    }
    return (edges, all)
  }

  mutating func results() -> [WindowResult] { plan.aggregates.map { result($0) } }

  // MARK: Edges

  private static func edges(_ plan: WindowPlan) -> [WindowEdge.Kind] {
    var ages: Set<UInt64> = [0]
    var hasOlderAge = false
    var isKept = false
    for aggregate in plan.aggregates {
      if case .age(let age) = aggregate.newer { ages.insert(UInt64(age)) }
      switch aggregate.older {
      case .age(let age):
        ages.insert(UInt64(age))
        hasOlderAge = true
      case .rows: isKept = true
      case .unbounded: isKept = isKept || aggregate.halfLife == nil
      }
    }
    if isKept || !hasOlderAge { ages.insert(UInt64(plan.retention)) }
    var kinds = ages.sorted().map { WindowEdge.Kind.age($0) }
    let oldest = kinds.removeLast()
    // Rows enter a window before they leave it.
    if plan.aggregates.contains(where: { $0.newer == .beforeThisRow }) { kinds.insert(.lag, at: 1) }
    for aggregate in plan.aggregates {
      guard case .rows(let rows) = aggregate.older else { continue }
      let kind = WindowEdge.Kind.rows(UInt32(rows), behind: kinds.firstIndex(of: aggregate.newerKind) ?? 0)
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds + [oldest]
  }

  private func newerEdge(_ aggregate: WindowAggregate) -> Int { kinds.firstIndex(of: aggregate.newerKind) ?? 0 }

  private func olderEdge(_ aggregate: WindowAggregate) -> Int {
    switch aggregate.older {
    case .age(let age): kinds.firstIndex(of: .age(UInt64(age))) ?? kinds.count - 1
    case .rows(let rows):
      kinds.firstIndex(of: .rows(UInt32(rows), behind: newerEdge(aggregate))) ?? kinds.count - 1
    case .unbounded: kinds.count - 1
    }
  }

  // MARK: Results

  private mutating func result(_ aggregate: WindowAggregate) -> WindowResult {
    let newer = newerEdge(aggregate)
    let older = olderEdge(aggregate)
    let places = aggregate.takesValues(plan.inputs) ? aggregate.inputs.map { place(of: $0) } : []
    let value = places.first ?? -1
    let type = value < 0 ? .int64 : values[value].type
    var result = WindowResult(aggregate, newer: shape.record(newer), older: shape.record(older), type)
    result.value = value
    if value >= 0, value < summed {
      result.newerSum = result.newer + shape.sum(value)
      result.olderSum = result.older + shape.sum(value)
    }
    let isFloat = type == .float64
    switch aggregate.function {
    case .count: if value >= 0 { result.kind = .valueCount }
    case .stddev:
      result.word = act(EdgeAction(kind: .squares, value: value), at: newer).word
      result.otherWord = act(EdgeAction(kind: .squares, value: value), at: older).word
    case .min, .max:
      let kind = aggregate.function == .min ? EdgeAction.Kind.least : .greatest
      result.link = act(EdgeAction(kind: kind, value: value, isFloat: isFloat), at: newer).link
      result.word = take([Cursor.none])
    case .first: if type == .string { _ = set(of: value, isBucketed: false) }
    case .last, .timeSinceLast, .speed:
      if type == .string { _ = set(of: value, isBucketed: false) }
      result.word = act(EdgeAction(kind: .last, value: -1), at: newer).word
      if places.count == 2 {
        result.otherValue = places[1]
        result.otherIsFloat = values[places[1]].type == .float64
        result.otherUnit = values[places[1]].type.unit
      }
    case .decayedSum(let halfLife), .decayedMean(let halfLife), .decayedCount(let halfLife):
      let action = EdgeAction(kind: .decay, value: value, isFloat: isFloat, halfLife: halfLife, unit: result.unit)
      result.word = act(action, at: newer).word
      keyAge = max(keyAge, UInt64(result.age) + 64 * UInt64(halfLife))
    case .sequence:
      result.word = sequence(places, width: aggregate.older)
    case .distinct, .distinctUpTo, .top, .topShare, .entropy, .quantile:
      var isQuantile = false
      if case .quantile(let q) = aggregate.function {
        isQuantile = true
        result.q = q
      }
      let set = set(of: value, isBucketed: isQuantile)
      let window = window(of: set, newer, older)
      result.set = set
      result.word = window.word
      result.otherWord = window.count
    default: break
    }
    return result
  }

  /// The action at an edge, one for all that ask for the same.
  private mutating func act(_ asked: EdgeAction, at edge: Int) -> EdgeAction {
    var action = asked
    for known in actions[edge] {
      action.word = known.word
      action.link = known.link
      if action == known { return known }
    }
    action.word = take(action.initials)
    if action.kind == .least || action.kind == .greatest {
      action.link = shape.derivedWord + links
      links += 1
    } else {
      action.link = 0
    }
    actions[edge].append(action)
    return action
  }

  /// The set of a value, or of its buckets.
  private mutating func set(of value: Int, isBucketed: Bool) -> Int {
    if let known = sets.firstIndex(where: { $0.value == value && $0.isBucketed == isBucketed }) { return known }
    let head = take([Cursor.none])
    let link = shape.derivedWord + links
    links += 1
    sets.append(ValueSet(value: value, type: values[value].type, isBucketed: isBucketed, link: link, head: head))
    windows.append([])
    if values[value].type == .string { values[value].keepsTexts = true }
    return sets.count - 1
  }

  /// The window of a set between two edges, one for all that ask for the same.
  private mutating func window(of set: Int, _ newer: Int, _ older: Int) -> ValueWindow {
    if let known = windows[set].first(where: { $0.newer == newer && $0.older == older }) { return known }
    let word = take(ValueWindow.initials)
    let count = ValueSet.firstCount + windows[set].count
    let window = ValueWindow(newer: newer, older: older, word: word, count: count)
    windows[set].append(window)
    let link = sets[set].link
    actions[newer].append(EdgeAction(kind: .enter, value: set, word: word, link: link, count: count))
    actions[older].append(EdgeAction(kind: .leave, value: set, word: word, link: link, count: count))
    return window
  }

  /// Words of a unit of a value.
  var valueWords: Int { ValueSet.firstCount + (windows.map(\.count).max() ?? 0) }

  private mutating func sequence(_ places: [Int], width: WindowAggregate.Older) -> Int {
    guard case .age(let age) = width else { preconditionFailure("the plan refuses it") }
    let word = take(Array(repeating: SequenceSteps.notBegun, count: places.count - 1) + [0])
    sequences.append(SequenceSteps(steps: steps.count..<steps.count + places.count, word: word, width: UInt64(age)))
    steps += places
    return word + places.count - 1
  }

  /// Words of a slot that are these before any row; gives the first.
  private mutating func take(_ values: [Int64]) -> Int {
    let word = nextWord
    nextWord += values.count
    for (place, value) in values.enumerated() where value != 0 { initials.append((word + place, value)) }
    return word
  }

  private func place(of input: Int) -> Int { values.firstIndex { $0.input == input } ?? 0 }

  private static func unique(_ inputs: [Int]) -> [Int] {
    var seen: Set<Int> = []
    return inputs.filter { seen.insert($0).inserted }
  }
}

extension WindowAggregate {
  fileprivate var newerKind: WindowEdge.Kind {
    switch newer {
    case .age(let age): .age(UInt64(age))
    case .beforeThisRow: .lag
    }
  }

  var halfLife: Int64? {
    switch function {
    case .decayedSum(let halfLife), .decayedMean(let halfLife), .decayedCount(let halfLife): halfLife
    default: nil
    }
  }

  /// Whether its windows are told by sums and counts at edges.
  fileprivate var isSummed: Bool {
    switch function {
    case .count, .rate, .sum, .mean, .stddev: true
    default: false
    }
  }

  /// Whether rows must keep its values: a count of values that are never null is one of rows.
  fileprivate func takesValues(_ inputs: [Expression]) -> Bool {
    switch function {
    case .count, .rate, .decayedCount: self.inputs.contains { inputs[$0].isNullable }
    default: true
    }
  }
}

extension ColumnType {
  /// 10^scale of a decimal.
  var unit: Int64 { if case .decimal(let scale) = self { DecimalText.powerOfTen(scale) } else { 1 } }
}

extension WindowLayout.Value {
  init(_ number: Int, _ input: Expression) {
    var writer = ByteWriter()
    input.encode(into: &writer)
    self.init(input: number, column: input.column, type: input.type, bytes: writer.bytes)
  }
}
