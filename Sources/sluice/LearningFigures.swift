internal import Dataflow
internal import LearnStage
internal import Records

/// What a learn stage tells of its model at the end of a run.
struct LearningFigures {
  /// Rows that it has learned from, how many of them were fraud, and how many count as genuine for want of a label.
  let learned, frauds, silent: Int64
  /// Rows that wait for their label, rows that will get none, and labels of rows that were not there.
  let waiting, unlabelled, unmatched: Int64
  /// How good its scores were, each as it was given, when the labels came.
  let validation: (rows: Int64, logLoss: Double?, area: Double?)

  /// nil where the figures are not of a learn stage.
  init?(_ figures: [Figure]) {
    let values = Dictionary(figures.map { ($0.name, $0.value) }) { first, _ in first }
    func count(_ name: String) -> Int64 { (values[name] ?? 0).whole }
    guard values[.learnedRows] != nil else { return nil }
    (learned, frauds, silent) = (count(.learnedRows), count("learned_frauds"), count("learned_silent"))
    (waiting, unlabelled, unmatched) = (count("waiting_rows"), count("unlabelled_rows"), count("unmatched_labels"))
    validation = (count("validated_rows"), values["validated_log_loss"], values["validated_auc_roc"])
  }

  var words: String {
    var parts = ["\(learned.grouped) rows" + (frauds > 0 ? ", \(frauds.grouped) of them fraud" : "")]
    if silent > 0 { parts.append("\(silent.grouped) taken as genuine") }
    if waiting > 0 { parts.append("\(waiting.grouped) wait for their label") }
    if unlabelled > 0 { parts.append("\(unlabelled.grouped) without one") }
    if unmatched > 0 { parts.append("\(unmatched.grouped) labels of no row") }
    let figures = [("log loss", validation.logLoss), ("AUC ROC", validation.area)].compactMap { name, value in
      value.map { "\(name) \(RunSummary.fixed($0, 4))" }
    }
    if !figures.isEmpty {
      parts.append(
        "before it learned from \(validation.rows.grouped) of them: \(figures.joined(separator: ", "))"
      )
    }
    return parts.joined(separator: "; ")
  }
}
