extension CSVHeader {
  /// The names in a file's first line; nil where that does not end.
  package static func names(firstBytes: [UInt8]) -> [String]? {
    let start = CSVText.hasByteOrderMark(firstBytes.span) ? 3 : 0
    let end = CSVText.endOfRecord(firstBytes.span, from: start) ?? (firstBytes.count < longest ? firstBytes.count : nil)
    return end.map { names(CSVText.trimmed(firstBytes.span.extracting(start..<$0))) }
  }
}
