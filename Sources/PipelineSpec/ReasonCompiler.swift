internal import Expressions
internal import Models

extension PipelineCompiler {
  private static let mostReasons = 3
  private static let leastContribution = 0.1

  /// Compiles `reasons` of a model that was trained.
  ///
  /// - Parameter inputs: of the model, in its order.
  func compileReasons(
    _ value: YAMLValue,
    _ owner: String,
    _ inputs: [PlacedText],
    _ model: ScoringModel,
    _ path: PlacedText
  ) -> ModelReasons? {
    do throws(Explainer.Refusal) { _ = try Explainer(explaining: model) } catch {
      let (cause, remedy) =
        switch error {
        case .noCovers:
          (
            "it does not say how much of the training data came to each node",
            "save it again from the library that trained it"
          )
        case .manyFeatures(let tree):
          (
            "on the way to a leaf of its tree \(tree) stand more than \(Explainer.mostFeatures) features",
            "train it with less depth"
          )
        }
      diagnostics.report(
        "the model '\(path.text)' cannot give reasons: \(cause)",
        at: value.place,
        remedy: "\(remedy), or remove `reasons`"
      )
      return nil
    }
    return compileReasons(value, owner, inputs)
  }

  /// Compiles `reasons`: how many, from which contribution on, of which rows, and in which words.
  ///
  /// - Parameter inputs: of the model, in its order.
  func compileReasons(_ value: YAMLValue, _ owner: String, _ inputs: [PlacedText]) -> ModelReasons? {
    guard var reader = MappingReader(value, "`reasons` of \(owner)", diagnostics) else { return nil }
    let top = reader.optionalText("top")
    let least = reader.optionalText("at_least")
    let approved = reader.optionalText("approved")
    let texts = reader.optional("texts")
    reader.finish()
    var most = Self.mostReasons
    if let top {
      if let count = Int(top.text), 1...ModelReasons.greatestMost ~= count {
        most = count
      } else {
        diagnostics.report(
          "`top` is '\(top.text)'",
          at: top.place,
          remedy: "write how many reasons a row gets, from 1 to \(ModelReasons.greatestMost)"
        )
      }
    }
    var minimum = Self.leastContribution
    if let least {
      if let number = Double(least.text), number > 0, number.isFinite {
        minimum = number
      } else {
        diagnostics.report(
          "`at_least` is '\(least.text)'",
          at: least.place,
          remedy: "write the least contribution that is a reason, above 0, in the unit of the model's sum"
        )
      }
    }
    let words = reasonTexts(texts, inputs)
    var reasons: [ModelReasons.Reason] = []
    let reasonOfInput = inputs.map { input in
      let reason = words[input.text] ?? ModelReasons.Reason(raises: input.text)
      if let known = reasons.firstIndex(of: reason) { return known }
      reasons.append(reason)
      return reasons.count - 1
    }
    return ModelReasons(
      most: most,
      least: minimum,
      ofAllRows: word(approved, "approved", ["true": true, "false": false]) ?? false,
      reasons: reasons,
      reasonOfInput: reasonOfInput
    )
  }

  /// The texts of features, from a mapping or from a CSV file.
  private func reasonTexts(_ value: YAMLValue?, _ inputs: [PlacedText]) -> [String: ModelReasons.Reason] {
    guard let value else { return [:] }
    let names = inputs.map(\.text)
    switch value.content {
    case .scalar(let path) where !path.isEmpty: return reasonTexts(of: PlacedText(path, value), names)
    case .mapping(let pairs):
      var texts: [String: ModelReasons.Reason] = [:]
      for (key, value) in pairs {
        guard names.contains(key.name) else {
          let nearest = NearestName.of(key.name, among: names)
          diagnostics.report(
            "the model does not read '\(key.name)'",
            at: key.place,
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "its inputs are: \(names.joined(separator: ", "))"
          )
          continue
        }
        texts[key.name] = reason(key.name, value)
      }
      return texts
    default:
      diagnostics.report(
        "`texts` is \(value.kind)",
        at: value.place,
        remedy: "write lines of `feature: text`, or name a CSV file with the columns feature and text"
      )
      return [:]
    }
  }

  private func reason(_ name: String, _ value: YAMLValue) -> ModelReasons.Reason? {
    if case .scalar(let text) = value.content, !text.isEmpty {
      checkReason(text, at: value.place)
      return ModelReasons.Reason(raises: text)
    }
    guard var reader = MappingReader(value, "the text of '\(name)'", diagnostics) else { return nil }
    let raises = reader.optionalText("raises")
    let lowers = reader.optionalText("lowers")
    reader.finish()
    for text in [raises, lowers] { if let text { checkReason(text.text, at: text.place) } }
    return ModelReasons.Reason(raises: raises?.text ?? name, lowers: lowers?.text)
  }

  /// A file with the columns `feature`, `text` and, if there is one, `lowers`.
  private func reasonTexts(of path: PlacedText, _ names: [String]) -> [String: ModelReasons.Reason] {
    let largest = 1 << 20
    guard let bytes = contents(of: path, as: "the texts of reasons", atMost: largest) else { return [:] }
    guard bytes.count <= largest, let text = String(validating: bytes, as: UTF8.self) else {
      diagnostics.report(
        "'\(path.text)' is \(bytes.count > largest ? "larger than 1 MB" : "not UTF-8 text")",
        at: path.place,
        remedy: "give a CSV file with the columns feature and text"
      )
      return [:]
    }
    let table = CSVTable(text)
    for column in ["feature", "text"] where !table.columns.contains(column) {
      diagnostics.report(
        "'\(path.text)' has no column '\(column)'",
        at: path.place,
        remedy: "give it the columns feature and text, and lowers where a reason shows what lowers the score"
      )
      return [:]
    }
    var texts: [String: ModelReasons.Reason] = [:]
    for row in table.rows.indices {
      guard let name = table.value(row, "feature") else { continue }
      guard names.contains(name) else {
        diagnostics.warn(
          "'\(path.text)' has a text of '\(name)', which the model does not read",
          at: path.place,
          remedy: NearestName.of(name, among: names).map { "did you mean '\($0)'?" } ?? "remove the line"
        )
        continue
      }
      let (raises, lowers) = (table.value(row, "text") ?? name, table.value(row, "lowers"))
      for text in [raises, lowers ?? ""] { checkReason(text, at: path.place) }
      texts[name] = ModelReasons.Reason(raises: raises, lowers: lowers)
    }
    return texts
  }
}
