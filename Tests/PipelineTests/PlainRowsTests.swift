import TestSupport
import Testing

/// Rows of a pipeline's tests are written the plain way, also where its input is not.
@Suite struct PlainRowsTests {
  @Test func declaredColumnsAreWrittenByTheirNames() throws {
    let folder = try TemporaryFolder()
    try folder.write("in.csv", "Day,Time,Amount,Fraud?\n")
    let path = try folder.write(
      "p.yaml",
      """
      pipeline: shop
      stages:
        in:
          source:
            csv: in.csv
            time: at
            columns:
              at: { type: timestamp, from: [Day, Time], format: 'DD.MM.YYYY HH:MM' }
              amount: { type: decimal(2), column: Amount, format: money, min: 0 }
              fraud: { type: bool, column: Fraud?, format: yes_no }
              note: string?
        out:
          from: in
          sink: { stdout: jsonl }
      tests:
        plain values:
          input:
            - { at: 2020-01-01 10:00:00, amount: 1234.5, fraud: true }
            - { at: 2020-01-01 10:00:00, amount: -1, fraud: true }
          expect:
            - { at: 2020-01-01 10:00:00, amount: 1234.50, fraud: true, note: null }
          dead_letters: 1
      """
    )
    let run = try Program.run("sluice", ["test", path], in: folder)
    #expect(run.status == 0, "\(run.output) \(run.log)")
  }
}
