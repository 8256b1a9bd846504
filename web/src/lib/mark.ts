// What readers know a run by: its variant, or that it is the study's own, and the beginning of its id.
import { t } from './words';

const SHOWN = 8;

export function mark(id: string, variant: string | null | undefined): string {
  return `${variant || t('run_of_study')} · ${id.slice(0, SHOWN)}`;
}
