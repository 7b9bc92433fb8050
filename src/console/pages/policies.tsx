import '../rules-style.ts';
import { RULE_LANGUAGE } from '../api.ts';
import { useApp, useWords } from '../context.ts';
import { Act } from '../parts/act.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { type DraftBrief, type Nodes, type PolicyVersion, rules, type Versions } from '../rules-api.ts';

const ACTIVATIONS_SHOWN = 20;

/** What decides now, on which nodes; every version there has been, and what comes next. */
export function PoliciesPage() {
  const words = useWords();
  const versions = useResource('policies', (signal) => rules.policies(signal));
  const nodes = useResource('nodes', (signal) => rules.nodes(signal));
  const drafts = useResource('drafts', (signal) => rules.drafts(signal));
  const reload = () => {
    versions.reload();
    nodes.reload();
    drafts.reload();
  };
  return (
    <Page
      title="policies.title"
      aside={<Freshness freshAt={versions.freshAt} loading={versions.loading} reload={reload} />}
    >
      <Of resource={versions}>
        {(value) => (
          <>
            <Active versions={value} />
            <div class="columns">
              <section>
                <h2>{words.text('policies.nodes')}</h2>
                <Of resource={nodes}>{(known) => <NodesTable nodes={known} reload={reload} />}</Of>
              </section>
              <section>
                <h2>{words.text('policies.scheduled')}</h2>
                <Of resource={drafts}>{(known) => <Scheduled drafts={known.drafts} />}</Of>
              </section>
            </div>
            <section>
              <h2>{words.text('policies.versions')}</h2>
              <VersionsTable versions={value.versions} />
            </section>
            <Activations versions={value} />
          </>
        )}
      </Of>
    </Page>
  );
}

const pathOf = (version: string) => `/policies/${encodeURIComponent(version)}`;

function Active({ versions: { active, activations } }: { versions: Versions }) {
  const words = useWords();
  const [newest] = activations;
  if (active === null) return <p class="fault">{words.text('policies.noneActive')}</p>;
  return (
    <p class="next">
      {words.text('policies.active')} <a href={pathOf(active)}>{active}</a>
      {newest !== undefined && (
        <span class="quiet"> {words.text('policies.since', { at: words.date(newest.at), by: newest.by })}</span>
      )}
    </p>
  );
}

function NodesTable({ nodes: { active, nodes, share }, reload }: { nodes: Nodes; reload: () => void }) {
  const { words, session } = useApp();
  const mayPublish = session.may?.includes('publish') ?? false;
  return (
    <>
      {share !== null && (
        <div class="buttons">
          <span>
            {words.text('policies.share', { percent: words.percent(share.percent) })}{' '}
            <a href={pathOf(share.version)}>{share.version}</a>
          </span>
          {mayPublish && (
            <Act
              label={words.text('policies.endShare')}
              text={words.text('policies.endShareText')}
              run={() => rules.endShare()}
              done={reload}
            />
          )}
        </div>
      )}
      {nodes.length === 0 && <p>{words.text('policies.noNodes')}</p>}
      {nodes.length > 0 && (
        <div class="scroll">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{words.text('policies.node')}</th>
                <th scope="col">{words.text('profile.version')}</th>
                <th scope="col">{words.text('policies.seen')}</th>
              </tr>
            </thead>
            <tbody>
              {nodes.map((node) => (
                <tr key={node.node}>
                  <td>{node.node}</td>
                  <td>
                    {node.active ?? '–'}{' '}
                    {node.active !== active && <span class="tag">{words.text('policies.differs')}</span>}
                  </td>
                  <td>
                    <time dateTime={node.contactAt}>{words.time(node.contactAt)}</time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Scheduled({ drafts }: { drafts: readonly DraftBrief[] }) {
  const words = useWords();
  const waiting = drafts.filter(({ schedule }) => schedule !== null);
  if (waiting.length === 0) return <p>{words.text('policies.noneScheduled')}</p>;
  return (
    <ul>
      {waiting.map(({ id, title, schedule }) => (
        <li key={id}>
          <a href={`/drafts/${encodeURIComponent(id)}`}>{title}</a>{' '}
          <span class="quiet">
            {schedule !== null && words.date(schedule.activateAt)}
            {schedule?.expireAt && ` – ${words.date(schedule.expireAt)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function VersionsTable({ versions }: { versions: readonly PolicyVersion[] }) {
  const words = useWords();
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.text('profile.version')}</th>
            <th scope="col">{words.text('policies.saved')}</th>
            <th scope="col" class="spare">
              {words.text('policies.source')}
            </th>
            <th scope="col" class="spare">
              {words.text('drafts.authors')}
            </th>
            <th scope="col" class="spare">
              {words.text('policies.approver')}
            </th>
            <th scope="col" class="spare">
              {words.text('draft.reason')}
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((each) => (
            <tr key={each.version}>
              <td>
                <a data-row href={pathOf(each.version)}>
                  {each.version}
                </a>{' '}
                {each.active && <span class="tag">{words.text('policies.isActive')}</span>}{' '}
                {each.emergency && <span class="tag">{words.text('policies.emergency')}</span>}
              </td>
              <td>{each.savedAt !== undefined && <time dateTime={each.savedAt}>{words.date(each.savedAt)}</time>}</td>
              <td class="spare">{words.ofCode('source', each.source ?? '')}</td>
              <td class="spare words">{each.authors?.join(', ') || '–'}</td>
              <td class="spare">{each.approver ?? '–'}</td>
              <td class="spare words" lang={RULE_LANGUAGE}>
                {each.reason || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Activations({ versions: { activations } }: { versions: Versions }) {
  const words = useWords();
  return (
    <details>
      <summary>{words.text('policies.activations', { count: activations.length })}</summary>
      <ol class="timeline" reversed>
        {activations.slice(0, ACTIVATIONS_SHOWN).map(({ version, at, by, reason }) => (
          <li key={`${version} ${at}`}>
            <a href={pathOf(version)}>{version}</a> {reason}
            <time class="quiet" dateTime={at}>
              {by}, {words.date(at)}
            </time>
          </li>
        ))}
      </ol>
    </details>
  );
}
