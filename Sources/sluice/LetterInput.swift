internal import SourceStage

/// The rows of dead letters as an input of their pipeline.
struct LetterInput {
  private let format: SourceFormat
  /// Fields of a row that came as a message: the last ones may be missing there, and not in a file.
  private let fields: Int
  private(set) var bytes: [UInt8] = []
  /// The letters in it, each with the place of its row.
  private var letters: [(letter: Letter, offset: Int)] = []
  /// Those that are no record by themselves, and would spoil the next one.
  private(set) var left: [Letter] = []

  /// - Parameter fields: of a row that came as a message of CSV; 0: the rows come from a file.
  init(_ format: SourceFormat, fields: Int) {
    self.format = format
    self.fields = fields
  }

  /// Letters in it.
  var count: Int { letters.count }

  /// A name that says its format.
  var fileName: String {
    switch format {
    case .csv: "letters.csv"
    case .json, .jsonl: "letters.jsonl"
    case .protobuf: "letters.pb"
    }
  }

  mutating func begin(header: String) {
    bytes += header.utf8
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
  }

  mutating func append(_ letter: Letter) {
    let record = letter.bytes
    guard letter.rawIsCut != true, isWhole(record) else {
      left.append(letter)
      return
    }
    letters.append((letter, bytes.count))
    if format == .protobuf { bytes += MessageFraming.length(of: record) }
    bytes += record
    if format == .csv {
      for _ in 0..<max(fields - CSVRecord.fieldCount(record), 0) { bytes.append(UInt8(ascii: ",")) }
    }
    if format != .protobuf { bytes.append(UInt8(ascii: "\n")) }
  }

  private func isWhole(_ record: [UInt8]) -> Bool {
    switch format {
    case .protobuf: true
    case .json, .jsonl: !record.contains(UInt8(ascii: "\n")) && !record.isEmpty
    case .csv: CSVRecord.isOne(record)
    }
  }

  /// A letter of the run on this input, with its place in the original one.
  func placed(_ letter: Letter, from path: String) -> Letter {
    guard letter.source == path, let found = letters.last(where: { $0.offset <= letter.byteOffset }) else {
      return letter
    }
    var placed = found.letter
    (placed.field, placed.reason) = (letter.field, letter.reason)
    return placed
  }
}
