import Foundation
import Records
import SourceStage
import TestSupport
import Testing

/// A CSV file as the JSON objects that `sluice replay` sends.
@Suite struct ReplayRowsTests {
  /// The objects, and the event time of each.
  static func objects(
    _ text: String,
    time: String? = nil,
    piece: () -> Int = { 1 << 18 }
  ) throws -> (objects: [String], times: [Int64]) {
    let bytes = Array(text.utf8)
    var rows = ReplayRows(path: "in.csv", timeName: time)
    var at = 0
    var objects: [String] = []
    var times: [Int64] = []
    while true {
      var object = TextBuffer()
      switch try rows.next(into: &object) {
      case .row(let time):
        objects.append(object.text + "}")
        times.append(time)
      case .needsInput where at == bytes.count: rows.endInput()
      case .needsInput:
        let end = min(at + max(piece(), 1), bytes.count)
        rows.supply(bytes.span.extracting(at..<end))
        at = end
      case .finished: return (objects, times)
      }
    }
  }

  static let noon = CSVSourceTests.noon
  static let text =
    "\u{FEFF}Id, at ,\"No\"\"te\"\r\n1,2018-04-01 12:00:00,\"two\r\nlines, \"\"quoted\"\"\"\n\n2,2018-04-01T12:00:01Z,\n"
    + "3,2018-04-01 12:00:02,last"

  @Test func everyRowIsAnObjectOfTexts() throws {
    let (objects, times) = try Self.objects(Self.text)
    let values = try objects.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String?] }
    #expect(values[0] == ["Id": "1", "at": "2018-04-01 12:00:00", "No\"te": "two\r\nlines, \"quoted\""])
    #expect(values[2] == ["Id": "3", "at": "2018-04-01 12:00:02", "No\"te": "last"])
    #expect(objects[1] == "{\"Id\":\"2\",\"at\":\"2018-04-01T12:00:01Z\",\"No\\\"te\":null}")
    #expect(times == [Self.noon, Self.noon + 1_000_000, Self.noon + 2_000_000])
  }

  @Test func piecesOfAnySizeGiveTheSameObjects() throws {
    let whole = try Self.objects(Self.text)
    for size in 1...20 {
      let pieces = try Self.objects(Self.text) { size }
      #expect(pieces.objects == whole.objects && pieces.times == whole.times)
    }
  }

  @Test func theTimeIsTheFirstOrTheOneThatIsNamed() throws {
    let text = "a,b\n2018-04-01 12:00:00,2018-04-01 12:00:05\n,2018-04-01 12:00:06\n"
    #expect(try Self.objects(text, time: "B").times == [Self.noon + 5_000_000, Self.noon + 6_000_000])
    let failure = #expect(throws: ReplayRows.Failure.self) { try Self.objects(text) }
    #expect(failure?.description == "'in.csv' line 3: no event time can be read; name its column with --time")
  }

  @Test(arguments: [
    ("a,b\n1,2\n", nil, "'in.csv' line 2: no event time can be read; name its column with --time"),
    ("a,b\n2018-04-01 12:00:00,2\n", "c", "'in.csv' line 1: there is no column 'c'; name another with --time"),
    ("a\n2018-04-01 12:00:00,2\n", nil, "'in.csv' line 2: more fields than the header has"),
    ("a\n2018-04-01 12:00:00\n\"2018", nil, "'in.csv' line 3: a quoted field is not closed"),
  ])
  func whatCannotBeReplayedIsNamed(text: String, time: String?, expected: String) throws {
    let failure = #expect(throws: ReplayRows.Failure.self) { try Self.objects(text, time: time) }
    #expect(failure?.description == expected)
  }

  @Test func anEmptyFileHasNoRows() throws { #expect(try Self.objects("").objects.isEmpty) }
}
