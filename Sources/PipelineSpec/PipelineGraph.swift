internal import Dataflow
internal import Expressions
internal import Foundation

/// A stage as the file declares it, before anything in it is understood.
struct DeclaredStage {
  let name: String
  let place: Place
  /// The stages that it reads, as they are written.
  let from: [PlacedText]
  let value: YAMLValue

  /// Whether it says that it is of this kind.
  func isOf(_ kind: String) -> Bool {
    guard case .mapping(let keys) = value.content else { return false }
    return keys.contains { $0.key.name == kind }
  }
}

extension DeclaredStage {
  /// What others may read of it beside its rows.
  var sideOutputs: [StageOutput] { isOf("source") ? [.late, .deadLetters] : [] }
}

extension PlacedText {
  /// The stage that is read, where the text is one of `from`: `transactions` of `transactions.late`.
  var stage: String { String(text.prefix { $0 != "." }) }
  /// Which of its outputs, by its name; nil for the main one.
  var output: String? { text.contains(".") ? String(text.dropFirst(stage.count + 1)) : nil }
}

/// The graph that the stages' `from` make.
struct PipelineGraph {
  /// The stages, each behind all that it reads, else in the order of the file; empty where they make no graph, which has then
  /// been reported.
  let stages: [DeclaredStage]
  private let readers: [String: Int]

  init(_ declared: [DeclaredStage], _ diagnostics: Diagnostics) {
    var readers: [String: Int] = [:]
    for stage in declared {
      for from in Set(stage.from.map(\.text)) { readers[from, default: 0] += 1 }
    }
    self.readers = readers
    guard Self.checkNames(declared, diagnostics) else {
      stages = []
      return
    }
    var ordered: [DeclaredStage] = []
    var rest = declared
    while let next = rest.firstIndex(where: { stage in
      stage.from.allSatisfy { from in ordered.contains { $0.name == from.stage } }
    }) {
      ordered.append(rest.remove(at: next))
    }
    if let stuck = rest.first {
      Self.report(cycleFrom: stuck, rest, diagnostics)
      ordered = []
    }
    stages = ordered
  }

  func hasReader(_ stage: DeclaredStage) -> Bool { readers[stage.name] != nil }

  /// The names of the sources, in the order of their numbers.
  var sources: [String] { stages.filter { $0.isOf("source") }.map(\.name) }
  var sinks: [String] { stages.filter { $0.isOf("sink") }.map(\.name) }

  /// Reports names in `from` that are no stage's, or stand there twice; whether there are none.
  private static func checkNames(_ stages: [DeclaredStage], _ diagnostics: Diagnostics) -> Bool {
    let names = stages.map(\.name)
    var isRight = true
    for stage in stages {
      for (index, from) in stage.from.enumerated() {
        if let read = stages.first(where: { $0.name == from.stage }), from.output != nil {
          isRight = check(from, of: read, for: stage, diagnostics) && isRight
        } else if !names.contains(from.stage) {
          let nearest = NearestName.of(from.stage, among: names.filter { $0 != stage.name })
            .map { from.text.replacingOccurrences(of: from.stage, with: $0) }
          diagnostics.report(
            "stage '\(stage.name)' reads from '\(from.text)', which is no stage",
            at: from.place,
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "name one of: \(names.joined(separator: ", "))"
          )
          isRight = false
        }
        if stage.from[..<index].contains(where: { $0.text == from.text }) {
          diagnostics.report(
            "stage '\(stage.name)' reads twice from '\(from.text)'",
            at: from.place,
            remedy: "name it once"
          )
          isRight = false
        }
      }
    }
    return isRight
  }

  /// Reports a side output that the stage does not have.
  private static func check(
    _ from: PlacedText,
    of read: DeclaredStage,
    for reader: DeclaredStage,
    _ diagnostics: Diagnostics
  ) -> Bool {
    let outputs = read.sideOutputs.compactMap { $0.name.map { "\(read.name).\($0)" } }
    if outputs.contains(from.text) { return true }
    guard let first = outputs.first else {
      diagnostics.report(
        "stage '\(reader.name)' reads from '\(from.text)', but stage '\(read.name)' has no side outputs",
        at: from.place,
        remedy: "read from '\(read.name)'; only sources have `late` and `dead_letters`"
      )
      return false
    }
    let nearest = NearestName.of(from.text, among: outputs)
    diagnostics.report(
      "stage '\(reader.name)' reads from '\(from.text)', which is no output of stage '\(read.name)'",
      at: from.place,
      remedy: "did you mean '\(nearest ?? first)'?"
    )
    return false
  }

  /// - Parameter stages: each reads another of them, directly or by others.
  private static func report(cycleFrom stage: DeclaredStage, _ stages: [DeclaredStage], _ diagnostics: Diagnostics) {
    var path = [stage]
    while let next = path[path.count - 1].from.lazy.compactMap({ from in stages.first { $0.name == from.stage } }).first
    {
      if let start = path.firstIndex(where: { $0.name == next.name }) {
        let cycle = (path[start...].map(\.name) + [next.name]).joined(separator: " <- ")
        diagnostics.report(
          "the stages read in a circle: \(cycle)",
          at: path[start].from.first { $0.stage == (path + [next])[start + 1].name }?.place ?? path[start].place,
          remedy: "let one of them read from the source or from a stage before the circle"
        )
        return
      }
      path.append(next)
    }
  }
}
