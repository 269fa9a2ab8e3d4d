internal import Expressions

/// A stage as the file declares it, before anything in it is understood.
struct DeclaredStage {
  let name: String
  let place: Place
  let from: PlacedText?
  let value: YAMLValue
}

/// The chain that the stages' `from` make.
struct PipelineGraph {
  /// The stages from the source to the sink; empty where they make no chain, which has then been reported.
  static func order(_ stages: [DeclaredStage], _ diagnostics: Diagnostics) -> [DeclaredStage] {
    let names = stages.map(\.name)
    var readers: [String: [DeclaredStage]] = [:]
    for stage in stages {
      guard let from = stage.from else { continue }
      guard names.contains(from.text) else {
        let nearest = NearestName.of(from.text, among: names.filter { $0 != stage.name })
        diagnostics.report(
          "stage '\(stage.name)' reads from '\(from.text)', which is no stage",
          at: from.place,
          remedy: nearest.map { "did you mean '\($0)'?" } ?? "name one of: \(names.joined(separator: ", "))"
        )
        return []
      }
      readers[from.text, default: []].append(stage)
    }
    let heads = stages.filter { $0.from == nil }
    guard let head = heads.first else {
      if let first = stages.first { report(cycleFrom: first, stages, diagnostics) }
      return []
    }
    for other in heads.dropFirst() {
      diagnostics.report(
        "stage '\(other.name)' is a second source",
        at: other.place,
        remedy: "a pipeline has one source: remove one of '\(head.name)' and '\(other.name)'"
      )
      return []
    }
    var chain = [head]
    while let next = readers[chain[chain.count - 1].name] {
      if next.count > 1 {
        diagnostics.report(
          "stages '\(next[0].name)' and '\(next[1].name)' both read from '\(chain[chain.count - 1].name)'",
          at: next[1].from?.place ?? next[1].place,
          remedy: "a stage feeds one other: let '\(next[1].name)' read from '\(next[0].name)'"
        )
        return []
      }
      chain.append(next[0])
    }
    // What the chain from the source does not reach reads in a circle.
    if let outside = stages.first(where: { stage in !chain.contains { $0.name == stage.name } }) {
      report(cycleFrom: outside, stages, diagnostics)
      return []
    }
    return chain
  }

  private static func report(cycleFrom stage: DeclaredStage, _ stages: [DeclaredStage], _ diagnostics: Diagnostics) {
    var path = [stage]
    while let from = path[path.count - 1].from, let next = stages.first(where: { $0.name == from.text }) {
      if let start = path.firstIndex(where: { $0.name == next.name }) {
        let cycle = (path[start...].map(\.name) + [next.name]).joined(separator: " <- ")
        diagnostics.report(
          "the stages read in a circle: \(cycle)",
          at: path[start].from?.place ?? path[start].place,
          remedy: "let one of them read from the source or from a stage before the circle"
        )
        return
      }
      path.append(next)
    }
  }
}
