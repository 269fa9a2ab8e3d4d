internal import ArgumentParser

/// The letters that a command is about.
struct LetterSelection: ParsableArguments {
  @Option(help: ArgumentHelp("Those whose reason holds this text.", valueName: "text"))
  var reason: String?

  @Option(help: ArgumentHelp("Those of this field.", valueName: "name"))
  var field: String?

  @Option(help: ArgumentHelp("Those of an input whose name holds this text.", valueName: "text"))
  var source: String?

  @Option(help: ArgumentHelp("The one of this line of the input.", valueName: "n"))
  var line: Int?

  @Option(help: ArgumentHelp("So many at the most.", valueName: "n"))
  var limit: Int?

  mutating func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit counts letters: give it 0 or more.") }
  }

  /// Reads a file of letters and selects; ends the command where it cannot be read.
  func letters(in path: String) throws -> [Letter] {
    do throws(LetterFile.Problem) {
      let selected = try LetterFile.read(path).filter { letter in
        (reason.map { letter.reason.contains($0) } ?? true) && (field.map { letter.field == $0 } ?? true)
          && (source.map { letter.source.contains($0) } ?? true) && (line.map { letter.line == $0 } ?? true)
      }
      return Array(selected.prefix(limit ?? .max))
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw Sluice.misuse
    }
  }
}
