from django.db import migrations

POSER = """
CREATE FUNCTION refuser_de_reecrire_le_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le journal ne se réécrit pas : % refusé.', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER journal_en_ajout_seul BEFORE UPDATE OR DELETE ON socle_entreejournal
    FOR EACH ROW EXECUTE FUNCTION refuser_de_reecrire_le_journal();
"""
RETIRER = """
DROP TRIGGER journal_en_ajout_seul ON socle_entreejournal;
DROP FUNCTION refuser_de_reecrire_le_journal();
"""


class Migration(migrations.Migration):
    dependencies = [("socle", "0001_initial")]
    operations = [migrations.RunSQL(POSER, RETIRER)]
