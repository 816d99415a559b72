// The modules of Tabulator that a planner's grid needs: select ranges, copy, paste, edit, undo, trees.
import {
  ClipboardModule,
  DataTreeModule,
  EditModule,
  FormatModule,
  FrozenColumnsModule,
  HistoryModule,
  InteractionModule,
  KeybindingsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SelectRangeModule,
  SortModule,
  Tabulator,
  ValidateModule,
} from "tabulator-tables";

Tabulator.registerModule([
  ClipboardModule,
  DataTreeModule,
  EditModule,
  FormatModule,
  FrozenColumnsModule,
  HistoryModule,
  InteractionModule,
  KeybindingsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SelectRangeModule,
  SortModule,
  ValidateModule,
]);

export { Tabulator };
