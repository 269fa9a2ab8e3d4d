import Expressions
import Records
import TestSupport

/// Expressions at random, right in their types.
struct RandomExpression {
  enum Kind: CaseIterable {
    case int, decimal, float, bool, time, text
  }

  var random: SeededRandom
  /// The columns of each kind.
  var columns: [Kind: [String]]

  static let lists = ["texts": ["a", "", "Z\u{FC}rich"], "numbers": ["0", "1", "-1", "500"]]

  /// Tables with few keys, of which most are also values of leaves.
  static let tables = {
    var random = SeededRandom(seed: 5)
    let (numbers, texts) = ([0, 1, 2, 3, 7].map { Value.int($0) }, ["", "a", "b", "7"].map { Value.text($0) })
    return [
      "lasting": NaiveTable.random(keys: texts, .string, isVersioned: false, &random),
      "changing": NaiveTable.random(keys: numbers, .int64, isVersioned: true, &random),
    ]
  }()

  init(seed: UInt64, _ fields: [Field]) {
    random = SeededRandom(seed: seed)
    columns = Dictionary(grouping: fields) { Self.kind($0.type) }.mapValues { $0.map(\.name) }
  }

  static func kind(_ type: ColumnType) -> Kind {
    switch type {
    case .int64: .int
    case .decimal: .decimal
    case .float64: .float
    case .bool: .bool
    case .timestamp: .time
    case .string: .text
    }
  }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &random)] }

  mutating func make(_ kind: Kind, depth: Int) -> Syntax {
    guard depth > 0, !random.chance(oneIn: 8) else { return leaf(kind) }
    switch Int.random(in: 0..<13, using: &random) {
    case 3: return lookup(kind, depth - 1)
    case 0:
      let isNull = random.chance(oneIn: 4)
      return .choice(
        make(.bool, depth: depth - 1),
        then: make(kind, depth: depth - 1),
        otherwise: isNull ? .null(0..<0) : make(kind, depth: depth - 1),
        0..<0
      )
    case 1: return call("coalesce", [make(kind, depth: depth - 1), make(kind, depth: depth - 1)])
    case 2: return call("nullif", [make(kind, depth: depth - 1), make(kind, depth: depth - 1)])
    default: return inner(kind, depth - 1)
    }
  }

  private mutating func lookup(_ kind: Kind, _ depth: Int) -> Syntax {
    let isChanging = random.chance(oneIn: 2)
    let name = isChanging ? "changing" : "lasting"
    let columns = Self.tables[name].map(\.fields)?.filter { Self.kind($0.type) == kind } ?? []
    let column = Syntax.tableColumn(name, pick(columns).name, 0..<0)
    if isChanging { return call("lookup", [column, make(.int, depth: depth), make(.time, depth: depth)]) }
    return call("lookup", [column, make(.text, depth: depth)])
  }

  private func call(_ name: String, _ arguments: [Syntax]) -> Syntax { .call(name, arguments, name: 0..<0, 0..<0) }
  private func number(_ text: String) -> Syntax { .number(text, 0..<0) }

  private mutating func leaf(_ kind: Kind) -> Syntax {
    if let names = columns[kind], random.chance(oneIn: 2) || kind == .time { return .column(pick(names), 0..<0) }
    switch kind {
    case .int: return number(pick(["0", "1", "2", "3", "7", "10", "1000000007", "9223372036854775807"]))
    case .decimal: return number(pick(["0.0", "0.5", "2.50", "19.99", "1000000.001"]))
    case .float: return number(pick(["1e0", "2.5e3", "1e-3", "1e300"]))
    case .bool: return .truth(random.chance(oneIn: 2), 0..<0)
    case .text, .time: return .text(pick(["", "a", "b", "it's", "Z\u{FC}rich", " x ", "7"]), 0..<0)
    }
  }

  private mutating func numeric(_ depth: Int) -> Syntax { make(pick([.int, .decimal, .float]), depth: depth) }

  private mutating func inner(_ kind: Kind, _ depth: Int) -> Syntax {
    switch kind {
    case .int: return integer(depth)
    case .decimal:
      switch Int.random(in: 0..<6, using: &random) {
      case 0: return .binary(pick([.plus, .minus]), make(.decimal, depth: depth), make(.int, depth: depth), 0..<0)
      case 1: return .binary(.times, make(.decimal, depth: depth), make(pick([.decimal, .int]), depth: depth), 0..<0)
      case 2: return .negation(make(.decimal, depth: depth), 0..<0)
      case 3: return call(pick(["min", "max"]), [make(.decimal, depth: depth), make(.int, depth: depth)])
      case 4: return call("round", [numeric(depth), number(pick(["0", "1", "2", "5"]))])
      default: return call("abs", [make(.decimal, depth: depth)])
      }
    case .float:
      switch Int.random(in: 0..<8, using: &random) {
      case 0: return .binary(pick([.plus, .minus, .times]), numeric(depth), make(.float, depth: depth), 0..<0)
      case 1: return .binary(.divided, numeric(depth), numeric(depth), 0..<0)
      case 2: return call(pick(["sqrt", "exp", "ln", "float"]), [numeric(depth)])
      case 3: return call("pow", [numeric(depth), make(.int, depth: depth)])
      case 4: return call("haversine_km", (0..<4).map { _ in numeric(depth) })
      case 5: return call("seconds_between", [make(.time, depth: depth), make(.time, depth: depth)])
      case 6: return call("clamp", [make(.float, depth: depth), numeric(depth), numeric(depth)])
      default: return .negation(make(.float, depth: depth), 0..<0)
      }
    case .bool: return truth(depth)
    case .time: return call(pick(["min", "max"]), [make(.time, depth: depth), make(.time, depth: depth)])
    case .text:
      switch Int.random(in: 0..<3, using: &random) {
      case 0: return call(pick(["lower", "upper", "trim"]), [make(.text, depth: depth)])
      case 1: return call("concat", [make(.text, depth: depth), make(.text, depth: depth)])
      default:
        let length = random.chance(oneIn: 2) ? [make(.int, depth: depth)] : []
        return call("substring", [make(.text, depth: depth), number(pick(["0", "1", "2", "4"]))] + length)
      }
    }
  }

  private mutating func integer(_ depth: Int) -> Syntax {
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      return .binary(
        pick([.plus, .minus, .times, .remainder]),
        make(.int, depth: depth),
        make(.int, depth: depth),
        0..<0
      )
    case 1: return .negation(make(.int, depth: depth), 0..<0)
    case 2: return call(pick(["int", "floor", "ceil", "round", "sign"]), [numeric(depth)])
    case 3: return call(pick(["year", "month", "day", "hour", "minute", "weekday"]), [make(.time, depth: depth)])
    case 4: return call("length", [make(.text, depth: depth)])
    case 5:
      return call(
        "hash",
        (0..<Int.random(in: 1...3, using: &random)).map { _ in make(pick(Kind.allCases), depth: depth) }
      )
    case 6: return call("bucket", [make(pick(Kind.allCases), depth: depth), make(.int, depth: depth)])
    case 7:
      return call(
        pick(["min", "max"]),
        [make(.int, depth: depth), make(.int, depth: depth), make(.int, depth: depth)]
      )
    default: return call("abs", [make(.int, depth: depth)])
    }
  }

  private static let comparisons: [BinaryOperator] = [
    .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
  ]

  private mutating func truth(_ depth: Int) -> Syntax {
    let isNegated = random.chance(oneIn: 2)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return .binary(pick([.and, .or]), make(.bool, depth: depth), make(.bool, depth: depth), 0..<0)
    case 1: return .not(make(.bool, depth: depth), 0..<0)
    case 2: return .binary(pick(Self.comparisons), numeric(depth), numeric(depth), 0..<0)
    case 3:
      let kind = pick([Kind.text, .time, .bool])
      return .binary(pick(Self.comparisons), make(kind, depth: depth), make(kind, depth: depth), 0..<0)
    case 4: return .isNull(make(pick(Kind.allCases), depth: depth), isNegated: isNegated, 0..<0)
    case 5:
      let kind = pick([Kind.int, .decimal, .text, .float])
      let isConstant = random.chance(oneIn: 2)
      let members = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        isConstant ? constant(kind == .text ? .text : pick([.int, .decimal])) : make(kind, depth: depth - 1)
      }
      return .membership(make(kind, depth: depth), members, isNegated: isNegated, 0..<0)
    case 6: return .between(numeric(depth), low: numeric(depth), high: numeric(depth), isNegated: isNegated, 0..<0)
    case 7:
      return call(
        pick(["contains", "starts_with", "ends_with"]),
        [make(.text, depth: depth), make(.text, depth: depth)]
      )
    case 8: return call("matches", [make(.text, depth: depth), .text(pick(["^a", "[0-9]"]), 0..<0)])
    default:
      let isText = random.chance(oneIn: 2)
      return .listed(
        make(isText ? .text : .int, depth: depth),
        isText ? "texts" : "numbers",
        name: 0..<0,
        isNegated: isNegated,
        0..<0
      )
    }
  }

  private mutating func constant(_ kind: Kind) -> Syntax {
    let columns = columns
    self.columns = [:]
    defer { self.columns = columns }
    return leaf(kind)
  }
}
