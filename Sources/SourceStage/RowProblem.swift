internal import Records

/// Why a record is no row of the schema.
enum RowProblem {
  /// The field `column` of the schema cannot be read.
  case field(column: Int, reason: String)
  case fields(found: Int, expected: Int)
  case tooLong(limit: Int)
  case quotes
  case json(String, at: Int)
  case message(String)
  /// Microseconds before the latest row, and so many it might have been.
  case late(behind: Double, bound: Int64)

  /// The name of the field that is to blame, where one is.
  func field(_ schema: Schema) -> String? {
    if case .field(let column, _) = self { schema.fields[column].name } else { nil }
  }

  var reason: String {
    switch self {
    case .field(_, let reason): reason
    case .fields(let found, let expected):
      "\(found) \(found == 1 ? "field" : "fields") where the header has \(expected)"
    case .tooLong(let limit): "longer than \(limit) bytes, the source's `max_line`"
    case .quotes: "a quoted field is not closed, or goes on behind its closing quote"
    case .json(let problem, let place): "not a JSON object on one line: at byte \(place + 1) \(problem)"
    case .message(let problem): problem
    case .late(let behind, let bound):
      "late: \(behind / 1e6) s before a row that came earlier"
        + (bound > 0 ? ", and the source's `out_of_order` is \(Double(bound) / 1e6) s" : "")
    }
  }
}
