extension AggregateSyntax {
  /// The feature as text, its clauses in their usual order: reading the text gives the same feature.
  package var text: String {
    var text = function.value.rawValue
    if !arguments.isEmpty { text += "(\(inner))" }
    switch over?.value {
    case .time(let width)?: text += " over \(DurationText.spelling(width))"
    case .rows(let count)?: text += " over last \(count) rows"
    case nil: break
    }
    if let halfLife { text += " half_life \(DurationText.spelling(halfLife.value))" }
    if let delay { text += " delayed \(DurationText.spelling(delay.value))" }
    if let resolution { text += " resolution \(DurationText.spelling(resolution.value))" }
    if let newest { text += " \(newest.value.rawValue)" }
    if let left { text += " \(left.value.rawValue)" }
    if let condition { text += " where \(condition.text)" }
    if let otherwise { text += " else \(otherwise.value)" }
    return text
  }

  /// What stands in the parentheses.
  private var inner: String {
    guard function.value == .sequence else {
      let further = [fraction?.value, exact.map { "exact \($0.value)" }].compactMap { $0 }
      return (arguments.map(\.text) + further).joined(separator: ", ")
    }
    return zip(times, arguments)
      .map { times, condition in times.value == 1 ? condition.text : "\(times.value) times \(condition.text)" }
      .joined(separator: " then ")
  }
}
