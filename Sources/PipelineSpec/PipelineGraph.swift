internal import Expressions

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
      stage.from.allSatisfy { from in ordered.contains { $0.name == from.text } }
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
        if !names.contains(from.text) {
          let nearest = NearestName.of(from.text, among: names.filter { $0 != stage.name })
          diagnostics.report(
            "stage '\(stage.name)' reads from '\(from.text)', which is no stage",
            at: from.place,
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "name one of: \(names.joined(separator: ", "))"
          )
          isRight = false
        } else if stage.from[..<index].contains(where: { $0.text == from.text }) {
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

  /// - Parameter stages: each reads another of them, directly or by others.
  private static func report(cycleFrom stage: DeclaredStage, _ stages: [DeclaredStage], _ diagnostics: Diagnostics) {
    var path = [stage]
    while let next = path[path.count - 1].from.lazy.compactMap({ from in stages.first { $0.name == from.text } }).first
    {
      if let start = path.firstIndex(where: { $0.name == next.name }) {
        let cycle = (path[start...].map(\.name) + [next.name]).joined(separator: " <- ")
        diagnostics.report(
          "the stages read in a circle: \(cycle)",
          at: path[start].from.first { $0.text == (path + [next])[start + 1].name }?.place ?? path[start].place,
          remedy: "let one of them read from the source or from a stage before the circle"
        )
        return
      }
      path.append(next)
    }
  }
}
