internal import Expressions
internal import LearnStage
internal import ModelFiles
internal import Models
internal import Records
internal import ScoreStage

extension PipelineCompiler {
  /// Reads the model of a score stage, and finds its inputs among the columns.
  ///
  /// - Parameters:
  ///   - inputs: the columns that it reads, in its order, where the pipeline lists them.
  ///   - reasons: how it explains its scores, if it does.
  func compileModel(
    _ path: PlacedText,
    _ inputs: [PlacedText]?,
    _ reasons: YAMLValue?,
    _ owner: String,
    _ schema: Schema
  ) -> ScorePlan.Model? {
    guard let loaded = load(path), let names = inputNames(inputs, loaded, path) else { return nil }
    var columns: [Int] = []
    var categories: [CategoryCodes?] = []
    for (feature, name) in names.enumerated() {
      guard let index = column(name, schema) else { continue }
      guard let codes = compileInput(name, loaded.categories[feature], schema.fields[index]) else { continue }
      columns.append(index)
      categories.append(codes.codes)
    }
    let explains = reasons.map { compileReasons($0, owner, names, loaded.model, path) }
    guard columns.count == names.count else { return nil }
    return ScorePlan.Model(
      explains == nil && !options.keepsExplanations ? loaded.model.withoutCovers() : loaded.model,
      inputs: columns,
      categories: categories.contains { $0 != nil } ? categories : [],
      reasons: explains ?? nil
    )
  }

  /// What scores a row by a column of it: one that a model that learns has added, or any other number. None is 0.
  func compileModel(ofColumn name: PlacedText, _ schema: Schema) -> ScorePlan.Model? {
    guard let index = column(name, schema) else { return nil }
    guard schema.fields[index].type.isNumber else {
      diagnostics.report(
        "the score would be '\(name.text)', which is \(schema.fields[index].spelling)",
        at: name.place,
        remedy: "name a column of numbers from 0 to 1"
      )
      return nil
    }
    // A model that learns may have left its reasons beside what it says.
    let reasons = schema.index(of: LearnPlan.reasonsField(name.text).name)
      .flatMap { schema.fields[$0].type == .string ? $0 : nil }
    return ScorePlan.Model(.identity, inputs: [index], reasonsColumn: reasons)
  }

  private func load(_ path: PlacedText) -> LoadedModel? {
    files.reads(besideFile(path.text), as: "the model")
    do { return try ModelFile.load(path: besideFile(path.text)) } catch {
      diagnostics.report("model '\(path.text)': \(error.message)", at: path.place, remedy: error.remedy)
      return nil
    }
  }

  /// The columns that the model reads, in its order. Where the model names its features, the names must agree.
  private func inputNames(_ inputs: [PlacedText]?, _ loaded: LoadedModel, _ model: PlacedText) -> [PlacedText]? {
    let features = loaded.featureNames
    guard let inputs else {
      guard features.isEmpty else { return features.map { PlacedText(text: $0, place: model.place) } }
      diagnostics.report(
        "the model '\(model.text)' names no features",
        at: model.place,
        remedy: "list its \(loaded.model.featureCount) input columns, in its order: `inputs: [a, b]`"
      )
      return nil
    }
    let listed = Set(inputs.map(\.text))
    let isOther = !listed.isSubset(of: features)
    let isShort = inputs.count < features.count && !listed.isSuperset(of: features)
    if !features.isEmpty, isOther || isShort {
      reportDifference(inputs, features, model)
      return nil
    }
    guard inputs.count == loaded.model.featureCount else {
      diagnostics.report(
        "the model '\(model.text)' has \(loaded.model.featureCount) inputs, but \(inputs.count) are listed",
        at: inputs.first?.place ?? model.place,
        remedy: "list the columns that it was trained on, in the same order"
      )
      return nil
    }
    for (name, expected) in zip(inputs, features) where name.text != expected {
      diagnostics.report(
        "the model '\(model.text)' was trained with '\(expected)' where '\(name.text)' is listed",
        at: name.place,
        remedy: "list the inputs in the model's order, or leave `inputs` out: the model names its own"
      )
      return nil
    }
    return inputs
  }

  /// Reports the inputs that the model does not know, and the features that are not listed.
  private func reportDifference(_ inputs: [PlacedText], _ features: [String], _ model: PlacedText) {
    let listed = Set(inputs.map(\.text))
    var missing = features.filter { !listed.contains($0) }
    for name in inputs where !features.contains(name.text) {
      let nearest = NearestName.of(name.text, among: missing)
      missing.removeAll { $0 == nearest }
      diagnostics.report(
        "the model '\(model.text)' was not trained with '\(name.text)'",
        at: name.place,
        remedy: nearest.map { "did you mean '\($0)'?" }
          ?? "remove it: its features are \(features.joined(separator: ", "))"
      )
    }
    guard !missing.isEmpty else { return }
    diagnostics.report(
      "the model '\(model.text)' was trained with \(missing.map { "'\($0)'" }.joined(separator: ", ")), not among `inputs`",
      at: inputs.first?.place ?? model.place,
      remedy: "list all its features in its order, or leave `inputs` out: the model names its own"
    )
  }

  /// How a column is an input, if it can be one; nil, and reported, where it cannot.
  private func compileInput(
    _ name: PlacedText,
    _ categories: LoadedModel.Categories?,
    _ field: Field
  ) -> (codes: CategoryCodes?, Void)? {
    switch (categories, field.type) {
    case (.texts(let texts), .string): return compileCodes(.texts(texts), name).map { ($0, ()) }
    case (.integers(let values), .int64):
      // Numbers that are counted from 0 are those of the categories.
      if values == Array(0..<Int64(values.count)) { return (nil, ()) }
      return compileCodes(.integers(values), name).map { ($0, ()) }
    case (.numbered, .int64), (.texts, .int64), (.numbered, .bool): return (nil, ())
    case (nil, let type) where type.isNumber: return (nil, ())
    case (nil, _):
      diagnostics.report(
        "the model's input '\(name.text)' is \(field.spelling)",
        at: name.place,
        remedy: "give it a number: compute one from the column"
      )
    case (.numbered?, _):
      diagnostics.report(
        "the model splits '\(name.text)' by the numbers of categories, and the column is \(field.spelling)",
        at: name.place,
        remedy: "give it an int64 column with the numbers that the training had"
      )
    case (.texts?, _):
      diagnostics.report(
        "the model splits '\(name.text)' by categories that are texts, and the column is \(field.spelling)",
        at: name.place,
        remedy: "give it a string column, or an int64 column with the categories' numbers"
      )
    case (.integers?, _):
      diagnostics.report(
        "the model splits '\(name.text)' by categories that are whole numbers, and the column is \(field.spelling)",
        at: name.place,
        remedy: "give it an int64 column"
      )
    }
    return nil
  }

  private func compileCodes(_ values: CategoryCodes.Values, _ name: PlacedText) -> CategoryCodes? {
    if let codes = CategoryCodes(values) { return codes }
    diagnostics.report(
      "the model names a category of '\(name.text)' twice",
      at: name.place,
      remedy: "save the model again from the library that trained it"
    )
    return nil
  }
}
