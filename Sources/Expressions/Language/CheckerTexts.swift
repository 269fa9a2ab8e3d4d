internal import Records

extension Checker {
  /// Functions that read texts.
  mutating func textFunction(_ call: Call) throws(ExpressionError) -> Int {
    let first = try text(call.arguments[0], call.user)
    switch call.name {
    case "lower": return emit(.lower, first)
    case "upper": return emit(.upper, first)
    case "trim": return emit(.trim, first)
    case "length": return emit(.length, first)
    case "contains": return emit(.contains, first, try text(call.arguments[1], call.user))
    case "starts_with": return emit(.startsWith, first, try text(call.arguments[1], call.user))
    case "ends_with": return emit(.endsWith, first, try text(call.arguments[1], call.user))
    case "concat":
      var joined = first
      for argument in call.arguments.dropFirst() { joined = emit(.concatenate, joined, try text(argument, call.user)) }
      return joined
    case "substring":
      let start = try count(call.arguments[1], call)
      let length = call.arguments.count > 2 ? try count(call.arguments[2], call) : emit(.literal(.max, .int64))
      return emit(.substring, first, start, length)
    default: return emit(.matches(try pattern(call.arguments[1])), first)
    }
  }

  private mutating func count(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> Int {
    let step = try check(argument)
    if type(of: step) == .int64 { return step }
    throw ExpressionError(
      "`\(call.name)` counts characters with \(type(of: step))",
      at: argument.range,
      remedy: "write \(call.usage) with whole numbers, from 1"
    )
  }

  private func pattern(_ argument: Syntax) throws(ExpressionError) -> Pattern {
    guard case .text(let source, let range) = argument else {
      throw ExpressionError(
        "the pattern of `matches` is not a text as it stands",
        at: argument.range,
        remedy: "write it in single quotes: matches(text, '^[a-z]+$')"
      )
    }
    do { return try Pattern(source) } catch {
      // A quote within the text was written twice, and one stands before it.
      let bytes = Array(source.utf8)
      func place(_ offset: Int) -> Int {
        range.lowerBound + 1 + offset + bytes.prefix(offset).count { $0 == UInt8(ascii: "'") }
      }
      let isWhole = error.range.isEmpty && error.range.lowerBound == 0
      throw ExpressionError(
        error.message,
        at: isWhole ? range : place(error.range.lowerBound)..<place(error.range.upperBound),
        remedy: error.remedy
      )
    }
  }
}
