internal import Foundation
internal import PipelineSpec
internal import Records

/// Rows that came out beside those that were expected.
enum RowComparison {
  /// What differs, a line each. A row is compared in the columns that the test names.
  static func problems(_ expected: [PipelineTest.Row], _ actual: CSVTable) -> [String] {
    var problems: [String] = []
    for (number, row) in expected.enumerated().prefix(actual.rows.count) {
      for cell in row.cells {
        let value = actual.value(number, cell.name)
        guard !isSame(cell.text, value) else { continue }
        let place = "line \(cell.place.line): row \(number + 1): "
        problems.append(place + "`\(cell.name)` is \(value ?? "null"), expected \(cell.text ?? "null")")
      }
    }
    if actual.rows.count != expected.count {
      problems.append("\(actual.rows.count) rows came out, expected \(expected.count)")
      for number in expected.count..<max(actual.rows.count, expected.count) {
        let values = actual.columns.map { "\($0): \(actual.value(number, $0) ?? "null")" }
        problems.append("unexpected row \(number + 1): \(values.joined(separator: ", "))")
      }
    }
    return problems
  }

  /// Whether a value is the one that was written. A number with decimal places is given to those places; timestamps are the
  /// same where they mean the same.
  static func isSame(_ expected: String?, _ actual: String?) -> Bool {
    guard expected != actual else { return true }
    guard let expected, let actual else { return false }
    if let number = Double(expected), let value = Double(actual) {
      let parts = expected.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return number == value }
      return abs(number - value) <= 0.5 * pow(10, -Double(parts[1].count)) * (1 + 1e-9)
    }
    let times = (Timestamp.parse(Array(expected.utf8).span), Timestamp.parse(Array(actual.utf8).span))
    return times.0 != nil && times.0 == times.1
  }
}
