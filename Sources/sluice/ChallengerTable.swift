internal import Dataflow
internal import Records

/// How a sink's challengers did, beside the champion: what the figures with a challenger's name and a point before them say.
struct ChallengerTable {
  /// Empty where there are no challengers.
  let lines: [String]

  /// - Parameter figures: of a sink, each challenger's behind one another.
  init(_ figures: [Figure]) {
    var names: [Substring] = []
    var values: [String: Double] = [:]
    for figure in figures {
      values[figure.name] = figure.value
      guard let point = figure.name.firstIndex(of: ".") else { continue }
      let name = figure.name[..<point]
      if names.last != name { names.append(name) }
    }
    guard !names.isEmpty else {
      lines = []
      return
    }
    func quality(_ prefix: String) -> [String] {
      ["auc_roc", "average_precision", "card_precision_at_k"].map { name in
        values[prefix + name].map { RunSummary.fixed($0, 4) } ?? "-"
      }
    }
    func count(_ name: String, of challenger: String) -> Int64 { (values["\(challenger).\(name)"] ?? 0).whole }
    func flagged(_ name: String, _ challenger: String) -> String {
      let frauds = values["evaluated_rows"] == nil ? "" : " (\(count("\(name)_frauds", of: challenger).grouped) fraud)"
      return count(name, of: challenger).grouped + frauds
    }
    var table = TextTable([
      .left("challenger"), .right("AUC ROC"), .right("average precision"), .right("card precision"),
      .right("same decision"), .right("newly flagged"), .right("no longer flagged"),
    ])
    table.add(["(champion)"] + quality("") + ["-", "-", "-"])
    for challenger in names.map(String.init) {
      let rows = count("compared_rows", of: challenger)
      guard rows > 0 else {
        table.add([challenger] + Array(repeating: "-", count: 6))
        continue
      }
      let same = Double(count("same_decision", of: challenger)) / Double(rows)
      table.add(
        [challenger] + quality("\(challenger).") + [
          "\(RunSummary.fixed(same * 100, 2))%", flagged("newly_flagged", challenger),
          flagged("no_longer_flagged", challenger),
        ]
      )
    }
    lines = table.text.split(separator: "\n").map(String.init)
  }
}
