internal import Records

extension Checker {
  /// A part of a timestamp's date or time, in UTC or in the zone that the second value names.
  mutating func part(_ part: TimePart, _ call: Call) throws(ExpressionError) -> Int {
    let time = try timestamp(call.arguments[0], call)
    if call.arguments.count == 1 { return emit(.part(part), time) }
    let rules = try zone(call.arguments[1], call)
    return emit(.part(part), emit(.local(rules), time))
  }

  /// A timestamp, or a text that is one written down.
  mutating func timestamp(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> Int {
    if case .text(let text, let range) = argument { return try timestamp(text, range) }
    let step = try check(argument)
    if type(of: step) == .timestamp { return step }
    throw ExpressionError(
      "`\(call.name)` reads \(type(of: step)), not a timestamp",
      at: argument.range,
      remedy: "write \(call.usage)"
    )
  }

  private func zone(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> TimeZoneRules {
    guard case .text(let name, let range) = argument else {
      throw ExpressionError(
        "the time zone of `\(call.name)` is not a text as it stands",
        at: argument.range,
        remedy: "write its name in single quotes: \(call.name)(timestamp, 'Europe/Vienna')"
      )
    }
    if let rules = names.zone(name) { return rules }
    let known = names.zoneNames()
    let remedy =
      NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
      ?? (known.isEmpty
        ? "this machine has no time zones: install the package tzdata" : "name it as in 'Europe/Vienna' or 'UTC'")
    throw ExpressionError("there is no time zone '\(name)'", at: range, remedy: remedy)
  }
}
