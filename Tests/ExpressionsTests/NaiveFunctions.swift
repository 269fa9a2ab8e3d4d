import Expressions
import Foundation
import Records
import TestSupport

extension NaiveExpression {
  func call(_ name: String, _ arguments: [Syntax]) -> Typed {
    if name == "coalesce" {
      let values = arguments.map(value)
      return values.dropFirst().reduce(values[0]) { before, next in
        let (left, right) = Self.unified(before, next)
        return left.isNull ? right : left
      }
    }
    if name == "lookup", case .tableColumn(let table, let column, _) = arguments[0] {
      let values = arguments.dropFirst().map { value($0).value }
      guard let table = RandomExpression.tables[table], let field = table.fields.first(where: { $0.name == column })
      else {
        fatalError("no table \(table)")
      }
      return Typed(field.type, table.value(column, values[0], at: values.count > 1 ? values[1] : nil))
    }
    let values = arguments.map(value)
    let first = values[0]
    switch name {
    case "nullif":
      let isEqual = value(.binary(.equal, arguments[0], arguments[1], 0..<0)).bool == true
      return isEqual ? Typed(first.type, .null) : first
    case "min", "max", "clamp": return extreme(name, values)
    case "lower", "upper", "trim", "length", "contains", "starts_with", "ends_with", "concat", "substring", "matches":
      return text(name, values)
    case "year", "month", "day", "hour", "minute", "weekday": return part(name, first)
    case "seconds_between":
      guard let from = first.int, let to = values[1].int, let difference = Int64(exactly: Int128(to) - Int128(from))
      else {
        return Typed(.float64, .null)
      }
      return Typed(.float64, .float(Double(difference) / 1e6))
    case "hash": return Typed(.int64, hash(values).map { .int($0) } ?? .null)
    case "bucket":
      guard let hash = hash([first]), let count = values[1].int, count > 0 else { return Typed(.int64, .null) }
      return Typed(.int64, .int(Int64(UInt64(bitPattern: hash) % UInt64(count))))
    default: return number(name, values)
    }
  }

  private func extreme(_ name: String, _ values: [Typed]) -> Typed {
    func pair(_ before: Typed, _ next: Typed, takesLess: Bool) -> Typed {
      let (left, right) = Self.unified(before, next)
      if left.isNull || right.isNull { return Typed(left.type, .null) }
      if let a = left.float, let b = right.float { return (takesLess ? a <= b : a >= b) ? left : right }
      guard let a = left.int, let b = right.int else { fatalError("no number") }
      return (takesLess ? a <= b : a >= b) ? left : right
    }
    if name == "clamp" {
      return pair(pair(values[0], values[1], takesLess: false), values[2], takesLess: true)
    }
    return values.dropFirst().reduce(values[0]) { pair($0, $1, takesLess: name == "min") }
  }

  private func number(_ name: String, _ values: [Typed]) -> Typed {
    let first = values[0]
    switch name {
    case "float", "sqrt", "exp", "ln": return floating(name, first)
    case "int": return whole(first, .towardZero)
    case "floor": return whole(first, .down)
    case "ceil": return whole(first, .up)
    case "round": return values.count == 1 ? whole(first, .toNearestOrEven) : rounded(first, Int(values[1].int ?? 0))
    case "abs", "sign": return signed(name, first)
    case "pow": return power(first, values[1])
    case "haversine_km":
      let places = values.compactMap { Self.float($0) }
      guard places.count == 4 else { return Typed(.float64, .null) }
      return Self.finite(GreatCircle.kilometres(places[0], places[1], places[2], places[3]))
    default: fatalError("no function \(name)")
    }
  }

  private func floating(_ name: String, _ number: Typed) -> Typed {
    guard let float = Self.float(number) else { return Typed(.float64, .null) }
    switch name {
    case "sqrt": return Self.finite(float.squareRoot())
    case "exp": return Self.finite(Elementary.exp(float))
    case "ln": return Self.finite(Elementary.ln(float))
    default: return Typed(.float64, .float(float))
    }
  }

  private func signed(_ name: String, _ number: Typed) -> Typed {
    if let float = number.float {
      return name == "abs"
        ? Typed(.float64, .float(Swift.abs(float))) : Typed(.int64, .int(float > 0 ? 1 : float < 0 ? -1 : 0))
    }
    guard let value = number.int else { return Typed(name == "abs" ? number.type : .int64, .null) }
    return name == "abs" ? Self.exact(number.type, Swift.abs(Int128(value))) : Typed(.int64, .int(value.signum()))
  }

  private func rounded(_ number: Typed, _ places: Int) -> Typed {
    let type = ColumnType.decimal(scale: places)
    if let float = number.float {
      let product = (float * Double(Self.power(places))).rounded(.toNearestOrEven)
      guard let whole = Int64(exactly: product) else { return Typed(type, .null) }
      return Typed(type, .int(whole))
    }
    guard let own = number.places, let value = number.int else { return Typed(type, .null) }
    if own <= places { return Self.exact(type, Int128(value) * Self.power(places - own)) }
    return Typed(type, .int(Self.quotient(value, Self.power(own - places), .toNearestOrEven)))
  }

  private func power(_ base: Typed, _ exponent: Typed) -> Typed {
    guard let base = Self.float(base), let exponent = exponent.int else { return Typed(.float64, .null) }
    var (result, square) = (1.0, base)
    for bit in 0..<64 {
      if exponent.magnitude >> UInt64(bit) & 1 == 1 { result *= square }
      square *= square
    }
    return Self.finite(exponent < 0 ? 1 / result : result)
  }

  private func whole(_ value: Typed, _ rule: FloatingPointRoundingRule) -> Typed {
    if let float = value.float {
      return Typed(.int64, Int64(exactly: float.rounded(rule)).map { .int($0) } ?? .null)
    }
    if let bool = value.bool { return Typed(.int64, .int(bool ? 1 : 0)) }
    return Typed(.int64, value.int.map { .int(Self.quotient($0, Self.power(value.places ?? 0), rule)) } ?? .null)
  }

  private static func quotient(_ value: Int64, _ unit: Int128, _ rule: FloatingPointRoundingRule) -> Int64 {
    let value = Int128(value)
    var floor = value / unit
    if floor * unit > value { floor -= 1 }
    let rest = value - floor * unit
    switch rule {
    case .down: break
    case .up: floor += rest > 0 ? 1 : 0
    case .towardZero: floor += rest > 0 && value < 0 ? 1 : 0
    default: floor += 2 * rest > unit || (2 * rest == unit && floor % 2 != 0) ? 1 : 0
    }
    return Int64(floor)
  }

  private func text(_ name: String, _ values: [Typed]) -> Typed {
    let type: ColumnType =
      switch name {
      case "length": .int64
      case "contains", "starts_with", "ends_with", "matches": .bool
      default: .string
      }
    guard !values.contains(where: \.isNull), let first = values[0].text else { return Typed(type, .null) }
    let scalars = Array(first.unicodeScalars)
    let bytes = Array(first.utf8)
    let part = Array((values.count > 1 ? values[1].text ?? "" : "").utf8)
    switch name {
    case "lower": return Typed(type, .text(first.lowercased()))
    case "upper": return Typed(type, .text(first.uppercased()))
    case "trim":
      let isSpace = { (scalar: Unicode.Scalar) in scalar == " " || 9...13 ~= scalar.value }
      let rest = scalars.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
      return Typed(type, .text(Self.text(rest)))
    case "length": return Typed(type, .int(Int64(scalars.count)))
    case "contains":
      let starts = 0...max(bytes.count - part.count, 0)
      return Typed(type, .bool(part.count <= bytes.count && starts.contains { bytes[$0...].starts(with: part) }))
    case "starts_with": return Typed(type, .bool(bytes.starts(with: part)))
    case "ends_with": return Typed(type, .bool(bytes.reversed().starts(with: part.reversed())))
    case "concat":
      return values.dropFirst().reduce(values[0]) { before, next in
        guard let a = before.text, let b = next.text, a.utf8.count + b.utf8.count <= 65_535 else {
          return Typed(.string, .null)
        }
        return Typed(.string, .text(a + b))
      }
    case "substring":
      guard let start = values[1].int, let count = values.count > 2 ? values[2].int : .max, start >= 1, count >= 0
      else {
        return Typed(type, .null)
      }
      let rest = scalars.dropFirst(Int(clamping: start - 1)).prefix(Int(clamping: count))
      return Typed(type, .text(Self.text(rest)))
    default:
      // The generator's patterns.
      let holds = values[1].text == "^a" ? bytes.first == 0x61 : bytes.contains { 0x30...0x39 ~= $0 }
      return Typed(type, .bool(holds))
    }
  }

  private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }

  private func part(_ name: String, _ time: Typed) -> Typed {
    guard let time = time.int else { return Typed(.int64, .null) }
    let wide = Int128(time)
    let day = Int64((wide - ((wide % 86_400_000_000) + 86_400_000_000) % 86_400_000_000) / 86_400_000_000)
    let rest = Int64(wide - Int128(day) * 86_400_000_000)
    let date = Timestamp.date(ofDay: day)
    let value: Int64 =
      switch name {
      case "year": date.year
      case "month": date.month
      case "day": date.day
      case "hour": rest / 3_600_000_000
      case "minute": rest / 60_000_000 % 60
      default: ((day + 3) % 7 + 7) % 7 + 1
      }
    return Typed(.int64, .int(value))
  }

  private func hash(_ values: [Typed]) -> Int64? {
    var hash: Int64?
    for value in values {
      let next: UInt64
      switch value.value {
      case .null: return nil
      case .int(let value): next = StableHash.of(value)
      case .float(let value): next = StableHash.of(value == 0 ? 0 : Int64(bitPattern: value.bitPattern))
      case .bool(let value): next = StableHash.of(value ? 1 : 0)
      case .text(let value): next = StableHash.of(Array(value.utf8).span)
      }
      let word = Int64(bitPattern: next)
      hash = hash.map { Int64(bitPattern: StableHash.of($0 &* 31 &+ word)) } ?? word
    }
    return hash
  }
}
