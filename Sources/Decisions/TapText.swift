internal import Foundation
internal import Records

/// Reads what a sink of the format `positions` has written.
enum TapText {
  private static let (quote, comma, newline) = (UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"))

  /// - Parameter columns: of the rows, behind the two of their positions.
  static func rows(_ text: some Sequence<UInt8>, columns: Int) -> [TappedRow] {
    var rows: [TappedRow] = []
    var (fields, field): ([String?], [UInt8]) = ([], [])
    var (isInQuotes, wasQuoted, isHeader) = (false, false, true)
    for byte in text {
      switch byte {
      case quote:
        // The second of two quotes within quotes is a character of the field.
        if !isInQuotes && wasQuoted { field.append(byte) }
        isInQuotes.toggle()
        wasQuoted = true
      case comma where !isInQuotes, newline where !isInQuotes:
        fields.append(field.isEmpty && !wasQuoted ? nil : String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
        wasQuoted = false
        guard byte == newline else { continue }
        if !isHeader, let row = row(fields, columns) { rows.append(row) }
        isHeader = false
        fields.removeAll(keepingCapacity: true)
      default: field.append(byte)
      }
    }
    return rows
  }

  private static func row(_ fields: [String?], _ columns: Int) -> TappedRow? {
    guard fields.count == columns + 2, let time = fields[0].flatMap({ Int64($0) }),
      let tag = fields[1].flatMap({ Int64($0) })
    else { return nil }
    let position = Position(time: time, tag: UInt64(bitPattern: tag))
    return TappedRow(position: position, values: Array(fields.dropFirst(2)))
  }
}
