/// Every function of the language.
package struct FunctionFact: Sendable {
  package let name: String
  /// How it is written, for messages and the reference.
  package let usage: String
  /// How many values it reads.
  let count: ClosedRange<Int>

  private init(_ usage: String, _ count: ClosedRange<Int>) {
    name = String(usage.prefix { $0 != "(" })
    self.usage = usage
    self.count = count
  }

  /// More values are no call that a person wrote.
  private static let most = 100

  package static let all: [FunctionFact] = [
    FunctionFact("abs(x)", 1...1), FunctionFact("bucket(x, n)", 2...2), FunctionFact("ceil(x)", 1...1),
    FunctionFact("clamp(x, low, high)", 3...3), FunctionFact("coalesce(x, y, ...)", 2...most),
    FunctionFact("concat(text, text, ...)", 2...most), FunctionFact("contains(text, part)", 2...2),
    FunctionFact("day(timestamp)", 1...2), FunctionFact("ends_with(text, part)", 2...2), FunctionFact("exp(x)", 1...1),
    FunctionFact("float(x)", 1...1), FunctionFact("floor(x)", 1...1), FunctionFact("hash(x, ...)", 1...most),
    FunctionFact("haversine_km(lat1, lon1, lat2, lon2)", 4...4), FunctionFact("hour(timestamp)", 1...2),
    FunctionFact("int(x)", 1...1), FunctionFact("length(text)", 1...1), FunctionFact("ln(x)", 1...1),
    FunctionFact("lookup(table.column, key)", 2...3), FunctionFact("lower(text)", 1...1),
    FunctionFact("matches(text, 'pattern')", 2...2),
    FunctionFact("max(x, y, ...)", 2...most), FunctionFact("min(x, y, ...)", 2...most),
    FunctionFact("minute(timestamp)", 1...2), FunctionFact("month(timestamp)", 1...2),
    FunctionFact("nullif(x, y)", 2...2), FunctionFact("pow(x, n)", 2...2), FunctionFact("round(x, places)", 1...2),
    FunctionFact("seconds_between(from, to)", 2...2), FunctionFact("sign(x)", 1...1), FunctionFact("sqrt(x)", 1...1),
    FunctionFact("starts_with(text, part)", 2...2), FunctionFact("substring(text, start, length)", 2...3),
    FunctionFact("trim(text)", 1...1), FunctionFact("upper(text)", 1...1), FunctionFact("weekday(timestamp)", 1...2),
    FunctionFact("year(timestamp)", 1...2),
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func named(_ name: String) -> FunctionFact? { byName[name] }
}
