internal import ArgumentParser
internal import Records

/// `sluice dlq`: what a run set aside.
struct DeadLetterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dlq",
    abstract: "Looks at the dead letters of a run, and replays those that were repaired.",
    discussion: """
      A row that cannot be read, or that breaks a rule of its schema, is a line of JSON in the file of dead letters: its \
      bytes, where they stood, and why. To repair one, edit its `raw` there, and replay the file.
      """,
    subcommands: [DeadLetterListCommand.self, DeadLetterShowCommand.self, DeadLetterReplayCommand.self]
  )
}

/// `sluice dlq list`: what failed, the same mistakes together.
struct DeadLetterListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Counts dead letters by their reason and field, the most frequent first, each with an example."
  )

  @Argument(help: "The file of dead letters.")
  var letters: String

  @OptionGroup var selection: LetterSelection

  private struct Group: Hashable {
    let field: String
    let kind: String
  }

  func run() throws {
    let found = try selection.letters(in: letters)
    var counts: [Group: (count: Int, first: Int)] = [:]
    for (index, letter) in found.enumerated() {
      counts[Group(field: letter.field ?? "", kind: letter.kind), default: (0, index)].count += 1
    }
    var table = TextTable([.right("letters"), .left("field"), .left("reason"), .left("first at"), .left("raw")])
    // In the order of the file where they are equally many.
    let order = counts.sorted { ($1.value.count, $0.value.first) < ($0.value.count, $1.value.first) }
    for (group, (count, first)) in order {
      let example = found[first]
      let place = "\(example.source.split(separator: "/").last ?? ""):\(example.line)"
      table.add([
        Int64(count).grouped, group.field.printable, group.kind.printable, place.printable, example.shown(atMost: 60),
      ])
    }
    let total = "\(Int64(found.count).grouped) dead \(found.count == 1 ? "letter" : "letters")\n"
    try StandardOutput.writeText(found.isEmpty ? total : table.text + total)
  }
}

/// `sluice dlq show`: the letters themselves.
struct DeadLetterShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows dead letters: where each stood, why it is one, and its bytes.",
    discussion:
      "With --jsonl, the lines of the file as they are: `sluice dlq show --jsonl --field amount F > to-repair.jsonl`."
  )

  @Argument(help: "The file of dead letters.")
  var letters: String

  @OptionGroup var selection: LetterSelection

  @Flag(help: "As lines of a file of dead letters.")
  var jsonl = false

  func run() throws {
    for letter in try selection.letters(in: letters) {
      if jsonl {
        try StandardOutput.writeText(letter.json)
        continue
      }
      let field = letter.field.map { ", field `\($0)`" } ?? ""
      let head = "\(letter.source) line \(letter.line), byte \(letter.byteOffset)\(field): \(letter.reason)"
      try StandardOutput.writeText("\(head.printable)\n  \(letter.shown())\n")
    }
  }
}
