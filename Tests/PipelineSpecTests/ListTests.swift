import Foundation
import PipelineSpec
import TestSupport
import Testing

/// Lists that expressions look values up in: from files, from columns of files, and written down.
@Suite struct ListTests {
  static let file = WrongFileTests.file.replacing(
    "stages:",
    with: """
      lists:
        stolen: lists/stolen.txt
        vip: { file: lists/vip.csv, column: card }
        words: [a, b]
      stages:
      """
  )
  .replacing("where: amount > 1", with: "where: card in stolen or card in vip or coalesce(note, '') in words")

  static func messages(_ edit: (String) -> String, stolen: String = "# stolen\n5\n\n 77 \n") throws -> [String] {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("lists"), withIntermediateDirectories: true)
    try folder.write("lists/stolen.txt", stolen)
    try folder.write("lists/vip.csv", "name,card\r\n\"Ann, A.\",7\r\nBob,8")
    try folder.write("data.csv", WrongFileTests.header)
    let path = try folder.write("test.yaml", edit(file))
    do throws(PipelineFileError) {
      _ = try PipelineCompiler.compile(path: path)
      return []
    } catch {
      return error.description.replacing(folder.url.path() + "/", with: "").replacing(folder.url.path(), with: "")
        .split(separator: "\n").map(String.init)
    }
  }

  @Test func listsOfEveryKindAreRead() throws { #expect(try Self.messages { $0 } == []) }

  @Test(
    arguments: [
      (
        "lists/stolen.txt", "lists/stolne.txt",
        "test.yaml:3:11: cannot read the list 'stolen' from 'lists/stolne.txt': No such file or directory; check the path"
      ),
      ("column: card", "column: crad", "test.yaml:4:39: 'lists/vip.csv' has no column 'crad'; did you mean 'card'?"),
      (
        "{ file: lists/vip.csv, ", "{ fiel: lists/vip.csv, ",
        "test.yaml:4:8: list 'vip' has no `file`; name the file: `{ file: cards.csv, column: card }`"
      ),
      (
        "words: [a, b]", "words: [a, [b]]", "test.yaml:5:10: list 'words' holds more than plain values; write [a, b, c]"
      ),
      (
        "words: [a, b]", "words:",
        "test.yaml:5:9: list 'words' is nothing; name a file with a value a line, `{ file: cards.csv, column: card }`, or write [a, b, c]"
      ),
      (
        "words: [a, b]", "my-words: [a, b]",
        "test.yaml:5:3: 'my-words' is no name for a list; use letters, digits and '_', a letter first"
      ),
    ]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: String) throws {
    #expect(Self.file.contains(right))
    let messages = try Self.messages { $0.replacing(right, with: wrong) }
    #expect(messages.first == expected)
  }

  @Test func aNameThatIsNoListIsNamed() throws {
    let messages = try Self.messages { $0.replacing("in stolen", with: "in stoln") }
    #expect(messages.count == 1 && messages[0].contains("did you mean `stolen`?"), "\(messages)")
  }

  @Test func aLineThatIsNoValueOfTheColumnIsNamed() throws {
    let messages = try Self.messages({ $0 }, stolen: "5\nfive\n")
    #expect(messages.count == 1 && messages[0].contains("five"), "\(messages)")
  }
}
