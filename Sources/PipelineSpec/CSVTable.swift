/// A small CSV file with a header, read as a whole.
package struct CSVTable {
  package let columns: [String]
  /// nil: a null, which is an empty field without quotes.
  package let rows: [[String?]]

  package init(_ text: String) {
    var records: [[String?]] = []
    var fields: [String?] = []
    var field = ""
    var (isInQuotes, wasQuoted) = (false, false)
    func end() {
      fields.append(field.isEmpty && !wasQuoted ? nil : field)
      (field, wasQuoted) = ("", false)
    }
    for character in text {
      switch character {
      case "\"":
        // The second of two quotes within quotes is a character of the field.
        if !isInQuotes && wasQuoted { field.append(character) }
        isInQuotes.toggle()
        wasQuoted = true
      case "," where !isInQuotes: end()
      case "\n" where !isInQuotes, "\r\n" where !isInQuotes:
        end()
        records.append(fields)
        fields = []
      default: field.append(character)
      }
    }
    // The last line may have no end.
    if !fields.isEmpty || !field.isEmpty {
      end()
      records.append(fields)
    }
    columns = records.first.map { $0.map { $0 ?? "" } } ?? []
    rows = Array(records.dropFirst())
  }

  /// The value of a column, if the row has it.
  package func value(_ row: Int, _ column: String) -> String? {
    columns.firstIndex(of: column).flatMap { rows[row].indices.contains($0) ? rows[row][$0] : nil }
  }
}
