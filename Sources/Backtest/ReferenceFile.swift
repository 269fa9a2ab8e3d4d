package import Metrics

/// What `sluice drift` stores: how the score and the features of some days were spread.
package struct ReferenceFile: Codable {
  package let pipeline: String
  package let firstDay: String
  package let lastDay: String
  package let columns: [Column]

  package struct Column: Codable {
    package let name: String
    package let distribution: ReferenceDistribution
  }

  /// What is wrong with it, as a file may say anything; nil: nothing.
  package var problem: String? {
    if columns.isEmpty { return "it has no columns" }
    if Set(columns.map(\.name)).count < columns.count { return "a column is there twice" }
    return columns.first { !$0.distribution.isSound }
      .map { "the bins of '\($0.name)' are not those of any values" }
  }
}
