// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import Foundation
internal import Models
internal import Records

/// Sluice's own JSON for models that are small enough to be read: a logistic regression or a scorecard.
/// `pipelines/reference/models.md` describes it.
enum PlainModelFile {
  /// - Parameter kind: what the document says it is.
  static func load(_ kind: String, _ contents: Data) throws(ModelFileError) -> LoadedModel {
    switch kind {
    case "logistic": try load(try XGBoostJSON.decode(Logistic.self, contents, remedy: remedy))
    case "scorecard": try load(try XGBoostJSON.decode(Scorecard.self, contents, remedy: remedy))
    default:
      throw ModelFileError(message: "kind is \"\(kind)\"", remedy: "write \"logistic\" or \"scorecard\"")
    }
  }

  private static let remedy = "see pipelines/reference/models.md for what stands in such a file"

  private static func wrong(_ message: String) -> ModelFileError { ModelFileError(message: message, remedy: remedy) }

  private struct Logistic: Decodable {
    var intercept: Double
    var coefficients: [String: Double]
    /// The value to take where a feature has none; without one, such a feature adds nothing.
    var missing: [String: Double]?
  }

  private struct Scorecard: Decodable {
    var base_points: Double?
    var features: [Feature]
    var scale: Scale

    struct Feature: Decodable {
      var name: String
      var bins: [Bin]
      /// Points where the value is missing.
      var missing: Double
    }

    struct Bin: Decodable {
      /// The bound that a value must be below; the last bin has none.
      var below: Double?
      var points: Double
    }

    /// At so many points the odds of fraud are so; so many more points double them.
    struct Scale: Decodable {
      var points: Double
      var odds: Double
      var points_to_double: Double
    }
  }

  private static func load(_ file: Logistic) throws(ModelFileError) -> LoadedModel {
    // JSON's objects have no order.
    let names = file.coefficients.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    for name in (file.missing ?? [:]).keys.sorted() where file.coefficients[name] == nil {
      throw wrong("missing.\(name) is of a feature that has no coefficient")
    }
    let terms = names.map { name in
      let weight = file.coefficients[name] ?? 0
      return AdditiveModel.Term.weight(weight, missing: (file.missing?[name] ?? 0) * weight)
    }
    return try load(AdditiveModel(start: file.intercept, terms: terms), names)
  }

  private static func load(_ card: Scorecard) throws(ModelFileError) -> LoadedModel {
    let scale = card.scale
    guard scale.odds > 0, scale.points_to_double != 0 else {
      throw wrong("scale.odds is not above 0, or scale.points_to_double is 0")
    }
    // Points are brought to what they add to the logarithm of the odds.
    let unit = Elementary.ln(2) / scale.points_to_double
    var terms: [AdditiveModel.Term] = []
    for (index, feature) in card.features.enumerated() {
      let bounds = feature.bins.dropLast().compactMap(\.below)
      guard bounds.count + 1 == feature.bins.count, feature.bins.last?.below == nil else {
        throw wrong("features[\(index)].bins: each bin but the last has a `below`")
      }
      guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw wrong("features[\(index)].bins: the bounds do not rise")
      }
      terms.append(
        .bins(
          bounds: bounds,
          values: feature.bins.map { $0.points * unit },
          missing: feature.missing * unit
        )
      )
    }
    let names = card.features.map(\.name)
    guard Set(names).count == names.count else { throw wrong("two features have the same name") }
    let start = Elementary.ln(scale.odds) + ((card.base_points ?? 0) - scale.points) * unit
    return try load(AdditiveModel(start: start, terms: terms), names)
  }

  private static func load(_ model: AdditiveModel, _ names: [String]) throws(ModelFileError) -> LoadedModel {
    do { return LoadedModel(try ScoringModel(model, output: .probability), featureNames: names) } catch {
      guard case .featureCount(let count) = error else { throw wrong("a number in it is not finite") }
      throw wrong("it has \(count) features, not 1 to \(ScoringModel.maxFeatureCount(.single))")
    }
  }
}
